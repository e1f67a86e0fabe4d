# SPDX-License-Identifier: MIT
rt_fuzz(l2cap_options 20000 LINK unit_l2cap_support
	GRAMMAR l2cap_options_mutate.c)
rt_fuzz(l2cap_signalling 2000 SOURCES l2cap_bed.c l2cap_ucd.c LINK unit_l2cap_support
	GRAMMAR l2cap_mutate.c)
rt_fuzz(l2cap_ertm 1000 LINK conformance_l2cap_script unit_l2cap_support)

# Is the fuzzing any good? A fault is planted in the target's own reading, and
# has to be found in a minute.
if(RAWTOOTH_FUZZ)
	target_compile_definitions(fuzz_l2cap_ertm PRIVATE RAWTOOTH_FUZZ)
	add_executable(fuzz_l2cap_canary l2cap_signalling.c l2cap_bed.c
		l2cap_ucd.c l2cap_mutate.c mutate.c ../support/assert.c)
	target_compile_definitions(fuzz_l2cap_canary PRIVATE RAWTOOTH_CANARY)
	target_link_libraries(fuzz_l2cap_canary PRIVATE
		unit_l2cap_support PkgConfig::CHECK)
	target_link_options(fuzz_l2cap_canary PRIVATE -fsanitize=fuzzer)
	add_test(NAME fuzz/l2cap_canary
		COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/canary.py
			$<TARGET_FILE:fuzz_l2cap_canary>)
	set_tests_properties(fuzz/l2cap_canary PROPERTIES TIMEOUT 120)
endif()
