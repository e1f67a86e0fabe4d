/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_ERROR_H
#define RT_HCI_ERROR_H

/* HCI error codes (Core Vol 1 Part F): RT_HCI_ERR_PAGE_TIMEOUT = 0x04. */
enum rt_hci_error {
#define ERROR(code, NAME, name, err, hint) RT_HCI_ERR_##NAME = (code),
#include "hci/errors.def"
#undef ERROR
};

#endif
