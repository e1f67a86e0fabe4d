# SPDX-License-Identifier: MIT
rt_fuzz(security 1000 rawtooth_test_support)
