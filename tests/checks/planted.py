#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""planted.py CASE: makes a small sound tree, on which the check passes, plants
one fault in it and sees the check name that fault. planted.py --list prints
the names of the cases."""
import os
import subprocess
import sys
import tempfile

CHECKS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../../tools/checks")
LICENCE = "/* SPDX-License-Identifier: MIT */\n"


def header(guard, text=""):
    return f"{LICENCE}#ifndef {guard}\n#define {guard}\n{text}\n#endif\n"


def function(body, name="rt_hci_it", parameters="int a"):
    return f"{LICENCE}void {name}({parameters});\n\n" \
        f"void {name}({parameters})\n{{\n{body}}}\n"


LIMITS = """links\t7\tunit/link\tseven_links
accept_ms\t20000\tunit/link\tseven_links
"""

PATCH = """Row: HCI-03
Class: C1
One octet more is read than there is.

--- a/hci/link.c
+++ b/hci/link.c
@@ -7,3 +7,3 @@
 {
-	for (int i = 0; i < 2; i++) {
+	for (int i = 0; i <= 2; i++) {
 		if (it[i] == 'a')
"""

SOUND = {
    ".clang-format": open(os.path.join(CHECKS, "../../.clang-format"),
                          encoding="utf-8").read(),
    "README.md": "# It\n",
    "stack/base.h": header("RT_BASE_H", """
#include <stddef.h>

/* Octets of it. */
size_t rt_base(const char *it);
"""),
    "stack/base.c": LICENCE + """#include <string.h>

#include "stack/base.h"

struct row {
	const char *name;
};

static const struct row rows[] = { { "one" }, { "two" } };

size_t rt_base(const char *it)
{
	return strlen(it) + strlen(rows[1].name);
}
""",
    "stack/os/clock.h": header("RT_CLOCK_H"),
    "hci/hci.h": header("RT_HCI_H", """
#include "stack/base.h"

/* The face. */
static inline size_t rt_hci(const char *it)
{
	return rt_base(it);
}
"""),
    "hci/private.h": header("RT_HCI_PRIVATE_H"),
    "hci/link.c": LICENCE + """#include "hci/hci.h"
#include "hci/private.h"

void rt_hci_link(const char *it);

void rt_hci_link(const char *it)
{
	for (int i = 0; i < 2; i++) {
		if (it[i] == 'a')
			continue;
		else if (rt_hci(it) == 2)
			return;
	}
}
""",
    "api/include/rawtooth/rawtooth.h": header("RAWTOOTH_H", """
#define RT_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

/* Does it. */
RT_API int rt_do(int it);

#ifdef __cplusplus
}
#endif
"""),
    "api/do.c": LICENCE + """#include <rawtooth/rawtooth.h>

int rt_do(int it)
{
	return it;
}
""",
    "stack/limits.h": header(
        "RT_LIMITS_H", '\n#define RT_LIMITS(X) X(links, 7, "a piconet")\n'),
    "hci/timers.h": header("RT_HCI_TIMERS_H", """
#define RT_HCI_ACCEPT_MS 20000
"""),
    "tests/limits/elsewhere.txt":
        "accept_ms\thci/timers.h\t#define RT_HCI_ACCEPT_MS 20000\n",
    "tests/limits/limits.txt": "# A comment.\n" + LIMITS,
    "tests/unit/CMakeLists.txt": "# SPDX-License-Identifier: MIT\n"
                                 "rt_suite(NAME unit/link)\n",
    "tools/vctl/vctl.c": LICENCE + '#include "hci/hci.h"\n',
    "tests/unit/link.c": LICENCE + """#include "hci/private.h"

START_TEST(seven_links)
{
}
END_TEST

static const void *tests[] = { seven_links };
""",
    "tests/plants/rows.txt": "HCI-03 fields read before the length\n",
    "tests/plants/01-one-more.patch": PATCH,
    "tests/regress/hci.txt": "# Rows of it\nHCI-03 A\n",
}
for folder in ("stack", "hci", "api", "tools", "tests"):
    SOUND[folder + "/README.md"] = "# It\n"
    SOUND[folder + "/CMakeLists.txt"] = "# SPDX-License-Identifier: MIT\n"


def includes(name):
    return LICENCE + f"#include {name}\n"


# case: check, files planted, what the check must say
CASES = {
    "line_refuses_an_include_to_the_right": (
        "line", {"stack/a.c": includes('"hci/hci.h"')},
        'stack/a.c:2: "hci/hci.h" stands right of stack'),
    "line_refuses_a_private_header_of_another_folder": (
        "line", {"api/a.c": includes('"hci/private.h"')},
        'api/a.c:2: "hci/private.h" is private to hci'),
    "line_refuses_a_private_table_of_another_folder": (
        "line", {"hci/cmd.def": LICENCE,
                 "api/a.c": LICENCE + '#define RT_CODEC_FILE "hci/cmd.def"\n'},
        '"hci/cmd.def" is private to hci'),
    "line_refuses_a_system_header_in_an_engine": (
        "line", {"hci/a.c": includes("<unistd.h>")},
        "hci/a.c:2: <unistd.h> belongs to the system"),
    "line_refuses_a_socket_header_in_an_engine": (
        "line", {"hci/a.c": includes("<sys/socket.h>")},
        "<sys/socket.h> belongs to the system"),
    "line_refuses_an_os_header_in_an_engine": (
        "line", {"hci/a.c": includes('"stack/os/clock.h"')},
        '"stack/os/clock.h" touches the system'),
    "line_refuses_an_os_header_in_its_own_engine": (
        "line", {"stack/a.c": includes('"stack/os/clock.h"')},
        '"stack/os/clock.h" touches the system'),
    "line_refuses_bluez_outside_the_user_channel": (
        "line", {"tools/a.c": includes("<bluetooth/hci.h>")},
        "<bluetooth/hci.h> is for the user channel"),
    "line_refuses_a_system_header_in_a_public_one": (
        "line", {"api/include/rawtooth/a.h":
                 header("A_H", "#include <sys/types.h>\n")},
        "a public header includes <sys/types.h>"),
    "line_refuses_a_public_header_in_an_engine": (
        "line", {"hci/a.c": includes("<rawtooth/rawtooth.h>")},
        "<rawtooth/rawtooth.h> stands right of hci"),
    "line_refuses_the_tables_in_the_virtual_controllers": (
        "line", {"stack/codec.h": header("C_H"),
                 "tools/vctl/a.c": includes('"stack/codec.h"')},
        'the virtual controllers decode without "stack/codec.h"'),
    "line_refuses_a_header_of_the_stack_in_the_model_peer": (
        "line", {"stack/rd.h": header("RD_H"),
                 "tools/sim/model/a.c": includes('"stack/rd.h"')},
        'the model peer does without "stack/rd.h"'),
    "line_refuses_a_header_of_the_controllers_in_the_model_peer": (
        "line", {"tools/vctl/model.h": header("M_H"),
                 "tools/sim/model/a.c": includes('"tools/vctl/model.h"')},
        'the model peer does without "tools/vctl/model.h"'),
    "line_refuses_an_include_not_from_the_top": (
        "line", {"hci/a.c": includes('"private.h"')},
        '"private.h" is not a file from the top of the tree'),
    "line_refuses_a_folder_that_is_not_on_it": (
        "line", {"util/a.c": LICENCE}, "util is no folder of the line"),

    "docs_refuse_a_prototype_without_a_comment": (
        "docs", {"hci/a.h": header("A_H", "\nint rt_a(void);\n")},
        "hci/a.h:5: rt_a() has no comment directly above it"),
    "docs_refuse_a_second_prototype_below_one_comment": (
        "docs", {"hci/a.h": header("A_H", "\n/* Both. */\nint rt_a(void);\n"
                                   "int rt_b(void);\n")},
        "hci/a.h:7: rt_b() has no comment directly above it"),
    "docs_refuse_an_inline_function_without_a_comment": (
        "docs", {"hci/a.h": header(
            "A_H", "\n/* Far away. */\n\nstatic inline int rt_a(void)\n"
            "{\n\treturn 1;\n}\n")},
        "hci/a.h:7: rt_a() has no comment directly above it"),
    "docs_refuse_a_header_without_a_guard": (
        "docs", {"hci/a.h": LICENCE}, "hci/a.h:1: no include guard"),
    "docs_refuse_a_guard_used_twice": (
        "docs", {"hci/a.h": header("RT_BASE_H")},
        "guard RT_BASE_H is that of hci/a.h"),
    "docs_refuse_a_file_without_its_licence": (
        "docs", {"tools/a.sh": "#!/bin/sh\necho a\n"},
        "tools/a.sh:1: the first line is not SPDX"),
    "docs_refuse_unfinished_work": (
        "docs", {"hci/a.c": LICENCE + "/* TO" "DO: the rest */\n"},
        "hci/a.c:2: unfinished"),
    "docs_refuse_a_folder_without_a_readme": (
        "docs", {"l2cap/a.c": LICENCE}, "l2cap:0: no README.md"),

    "lengths_refuse_a_function_of_71_lines": (
        "lengths", {"hci/a.c": function("\ta++;\n" * 68)},
        "hci/a.c:4: rt_hci_it has 71 lines, at most 70"),
    "lengths_refuse_a_test_of_71_lines": (
        "lengths", {"tests/a.c": LICENCE + "START_TEST(a_test)\n{\n"
                    + "\ta++;\n" * 68 + "}\nEND_TEST\n"},
        "START_TEST(a_test) has 71 lines, at most 70"),
    "lengths_refuse_a_file_of_601_lines": (
        "lengths", {"hci/a.c": LICENCE + "\n" * 600},
        "601 lines, at most 600"),
    "lengths_refuse_seven_parameters": (
        "lengths", {"hci/a.c": function(
            "", parameters="int a, int b, int c, int d, int e, int f, int g")},
        "rt_hci_it() has 7 parameters, at most 6"),
    "lengths_refuse_five_levels": (
        "lengths", {"hci/a.c": function(
            "\tif (a)\n\tfor (;;)\n\twhile (a)\n\tswitch (a) {\n\tcase 1:\n"
            "\tif (a)\n\ta++;\n\t}\n")},
        "nested 5 deep in rt_hci_it, at most 4"),
    "lengths_refuse_five_levels_behind_a_list_macro": (
        "lengths", {"hci/a.c": function(
            "\tRT_LIST_EACH(a, b, c) {\n\tdo {\n\tif (a) {\n\tx();\n\t}"
            " else {\n\tif (a)\n\tif (b)\n\ta++;\n\t}\n\t} while (a);\n"
            "\t}\n")},
        "nested 5 deep in rt_hci_it, at most 4"),

    "limits_refuse_one_without_a_test": (
        "limits", {"stack/limits.h": header(
            "RT_LIMITS_H", '\n#define RT_LIMITS(X) X(links, 7, "a piconet")'
            ' X(echoes, 16, "waiting")\n')},
        "tests/limits/limits.txt:0: the limit echoes has no test"),
    "limits_refuse_another_number": (
        "limits", {"tests/limits/limits.txt": LIMITS.replace("7", "8")},
        "tests/limits/limits.txt:1: links is 7, not 8"),
    "limits_refuse_another_number_elsewhere": (
        "limits", {"tests/limits/limits.txt": LIMITS.replace("20000", "2000")},
        "tests/limits/limits.txt:2: accept_ms is not 2000"),
    "limits_refuse_a_text_that_is_not_there": (
        "limits", {"hci/timers.h": header("RT_HCI_TIMERS_H", """
#define RT_HCI_ACCEPT_MS 30000
""")},
        "tests/limits/elsewhere.txt:1: hci/timers.h does not say"),
    "limits_refuse_a_test_that_is_not_there": (
        "limits", {"tests/limits/limits.txt": LIMITS.replace(
            "unit/link\tseven_links", "unit/link\teight_links", 1)},
        "tests/limits/limits.txt:1: unit/link has no test eight_links"),
    "limits_refuse_a_suite_that_is_not_there": (
        "limits", {"tests/limits/limits.txt": LIMITS.replace(
            "unit/link", "unit/links", 1)},
        "tests/limits/limits.txt:1: there is no suite unit/links"),
    "limits_refuse_a_test_that_is_not_run": (
        "limits", {"tests/unit/link.c": LICENCE +
                   "START_TEST(seven_links)\n{\n}\nEND_TEST\n"},
        "tests/limits/limits.txt:2: unit/link does not run seven_links"),
    "limits_refuse_a_suite_that_is_not_built": (
        "limits", {"tests/unit/CMakeLists.txt":
                   "# SPDX-License-Identifier: MIT\n"},
        "tests/limits/limits.txt:2: unit/link is not built"),
    "limits_refuse_a_name_that_is_no_limit": (
        "limits", {"tests/limits/limits.txt": LIMITS +
                   "lynx\t7\tunit/link\tseven_links\n"},
        "tests/limits/limits.txt:3: there is no limit lynx"),

    "headers_refuse_one_that_needs_another": (
        "headers", {"hci/a.h": header("A_H", "/* A. */\nsize_t rt_a(void);\n")},
        "hci/a.h:1: cc -std=c11: "),
    "headers_refuse_a_public_one_that_is_not_c_plus_plus": (
        "headers", {"api/include/rawtooth/a.h":
                    header("A_H", "/* A. */\nint rt_a(int new);\n")},
        "api/include/rawtooth/a.h:1: c++ -std=c++11: "),
    "headers_refuse_a_second_inclusion_that_fails": (
        "headers", {"hci/a.h": LICENCE + "struct rt_a {\n\tint a;\n};\n"},
        "hci/a.h:1: cc -std=c11: "),

    "format_refuses_spaces_for_a_tab": (
        "format", {"hci/a.c": function("        a++;\n")},
        "hci/a.c:5: code should be clang-formatted"),

    "imports_refuse_the_clock": (
        "imports", {"hci/a.c": LICENCE + "#include <time.h>\nlong rt_a(void);\n"
                    "long rt_a(void)\n{\n\treturn time(0);\n}\n"},
        "librawtooth_hci.a(a.o):0: imports time"),
    "imports_refuse_malloc": (
        "imports", {"hci/a.c": LICENCE + "#include <stdlib.h>\n"
                    "void *rt_a(void);\nvoid *rt_a(void)\n"
                    "{\n\treturn malloc(1);\n}\n"},
        "imports malloc"),
    "imports_refuse_a_function_of_a_folder_to_the_right": (
        "imports", {"stack/a.c": LICENCE + "void rt_hci_link(const char *);\n"
                    "void rt_a(void);\nvoid rt_a(void)\n"
                    "{\n\trt_hci_link(0);\n}\n"},
        "librawtooth_stack.a(a.o):0: imports rt_hci_link"),
    "imports_refuse_an_object_with_a_value": (
        "imports", {"hci/a.c": LICENCE + "int rt_a = 1;\n"},
        "rt_a can be written (.data)"),
    "imports_refuse_a_static_object": (
        "imports", {"hci/a.c": LICENCE + "int *rt_a(void);\nint *rt_a(void)\n"
                    "{\n\tstatic int it;\n\treturn &it;\n}\n"},
        " can be written (.bss)"),
    "imports_refuse_a_table_of_pointers_that_is_not_const": (
        "imports", {"hci/a.c": LICENCE + "const char *rt_a[] = { \"a\" };\n"},
        "rt_a can be written (.data.rel"),

    "plants_refuse_a_patch_that_does_not_apply": (
        "plants", {"hci/link.c": SOUND["hci/link.c"].replace("i < 2",
                                                             "i < 3")},
        "tests/plants/01-one-more.patch:1: it does not apply"),
    "plants_refuse_a_patch_that_has_been_applied": (
        "plants", {"hci/link.c": SOUND["hci/link.c"].replace("i < 2",
                                                             "i <= 2")},
        "tests/plants/01-one-more.patch:1: it does not apply"),
    "plants_refuse_a_row_that_is_not_in_the_catalogue": (
        "plants", {"tests/plants/01-one-more.patch":
                   PATCH.replace("HCI-03", "HCI-33")},
        "01-one-more.patch:1: HCI-33 is no row of the catalogue"),
    "plants_refuse_a_row_that_has_no_test": (
        "plants", {"tests/regress/hci.txt": "HCI-02 A\n"},
        "tests/plants/rows.txt:0: HCI-03 is no row of tests/regress"),
    "plants_refuse_a_catalogue_without_a_row_that_has_a_test": (
        "plants", {"tests/regress/l2cap.txt": "L2C-01 A\n"},
        "tests/plants/rows.txt:0: L2C-01 of tests/regress is missing"),
    "plants_refuse_a_class_that_there_is_not": (
        "plants", {"tests/plants/01-one-more.patch":
                   PATCH.replace("C1", "C10")},
        "01-one-more.patch:1: C10 is no class of mistakes"),
    "plants_refuse_a_patch_without_a_word": (
        "plants", {"tests/plants/01-one-more.patch":
                   PATCH.replace("One octet more is read than there is.\n",
                                 "")},
        "01-one-more.patch:1: it does not say what the mistake is"),
    "plants_refuse_a_patch_of_the_tests": (
        "plants", {"tests/plants/01-one-more.patch":
                   PATCH.replace("hci/link.c", "tests/unit/link.c")},
        "01-one-more.patch:1: tests/unit/link.c is not of the stack"),
    "plants_refuse_a_name_without_a_number": (
        "plants", {"tests/plants/one-more.patch": PATCH},
        "tests/plants/one-more.patch:0: the name is not NN-words.patch"),
    "plants_refuse_two_with_one_number": (
        "plants", {"tests/plants/01-two-more.patch": PATCH},
        "tests/plants:0: there are 2 with the number 1"),

    "exports_refuse_a_name_not_declared": (
        "exports", {"api/a.c": LICENCE + "int rt_a(void);\n"
                    "int rt_a(void)\n{\n\treturn 1;\n}\n"},
        "rt_a is exported, not declared"),
    "exports_refuse_a_declaration_not_kept": (
        "exports", {"api/include/rawtooth/a.h": header(
            "A_H", "/* A. */\nRT_API int rt_a(void);\n")},
        "rt_a() is declared, not exported"),
}


def plant(root, tree):
    for path, text in tree.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)


def compile_tree(root, build):
    """One archive a folder, and a shared library of api's files."""
    for folder in ("stack", "hci", "api"):
        objects = []
        for name in sorted(os.listdir(os.path.join(root, folder))):
            if not name.endswith(".c"):
                continue
            objects.append(os.path.join(build, folder, name[:-2] + ".o"))
            os.makedirs(os.path.dirname(objects[-1]), exist_ok=True)
            subprocess.run(
                ["cc", "-O1", "-fPIC", "-w", "-I", root, "-I",
                 os.path.join(root, "api/include"), "-c", "-o", objects[-1],
                 os.path.join(root, folder, name)], check=True)
        archive = os.path.join(build, folder, f"librawtooth_{folder}.a")
        subprocess.run(["ar", "rcs", archive] + objects, check=True)
        if folder == "api":
            subprocess.run(["cc", "-shared", "-o",
                            os.path.join(build, "librawtooth.so")] + objects,
                           check=True)


def run(check, root, build):
    command = [sys.executable, os.path.join(CHECKS, check + ".py"),
               "--root", root]
    if check in ("imports", "exports"):
        compile_tree(root, build)
    if check == "imports":
        command += ["--build", build]
    if check == "exports":
        command += ["--library", os.path.join(build, "librawtooth.so")]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, check=False)


def main():
    if sys.argv[1:] == ["--list"]:
        print(";".join(CASES), end="")
        return
    check, tree, expected = CASES[sys.argv[1]]
    with tempfile.TemporaryDirectory() as root, \
            tempfile.TemporaryDirectory() as build:
        plant(root, SOUND)
        result = run(check, root, build)
        if result.returncode != 0:
            sys.exit(f"the sound tree does not pass:\n{result.stdout}")
        plant(root, tree)
        result = run(check, root, build)
        print(result.stdout, end="")
        if result.returncode == 0 or expected not in result.stdout:
            sys.exit(f"the fault was not named: {expected}")


main()
