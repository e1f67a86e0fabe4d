/* SPDX-License-Identifier: MIT */
#ifndef RT_SEC_QUESTION_H
#define RT_SEC_QUESTION_H

#include <stdbool.h>
#include <stdint.h>

#include "hci/security.h"

/*
 * What a pairing asks our user, one question at a time, and what the answers,
 * or their absence, mean to the controller.
 */

struct rt_hci_link;

/* The time of the pairing's timer has come. True if it was the question's. */
bool rt_sec_question_on_time(struct rt_hci_link *link);

/*
 * Nothing is to be answered or shown any more: the controller goes on. In tail
 * position.
 */
void rt_sec_question_over(struct rt_hci_link *link);

/*
 * The pairing is given up by us: says no to what is asked. ops.ask_over comes
 * later.
 */
void rt_sec_question_withdraw(struct rt_hci_link *link);

#endif
