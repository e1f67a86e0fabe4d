# SPDX-License-Identifier: MIT
rt_fuzz(security 1000 LINK rawtooth_test_support)
