/* SPDX-License-Identifier: MIT */
#ifndef RT_HCI_TIMERS_H
#define RT_HCI_TIMERS_H

/*
 * Every time limit of this layer: X(name, milliseconds, sentence). Where the
 * controller owes us something there is one of these; nothing waits for ever.
 */
#define RT_HCI_TIMERS(X)                                                      \
	X(COMMAND, 2000,                                                      \
	  "A command is answered by Command Complete or Command Status, and " \
	  "a waiting one gets its credit, within this time; else the links "  \
	  "close and the controller is reset.")                               \
	X(WATCH, 20000,                                                       \
	  "While there are links, a controller that has said nothing for "    \
	  "this long is asked for its address: if it has died, COMMAND "      \
	  "tells.")                                                           \
	X(STOP_LINKS, 2000,                                                   \
	  "rt_hci_stop() gives the links this long to disconnect.")           \
	X(STOP_RESET, 1000,                                                   \
	  "The Reset that ends rt_hci_stop() is not waited for any longer.")  \
	X(WAIT, 60000,                                                        \
	  "A link waits this long for its turn to page: for other pages, a "  \
	  "name request, or the end of an old link to the same peer.")        \
	X(PAGE_MARGIN, 15000,                                                 \
	  "Connection Complete follows Create Connection within the page "    \
	  "timeout and this; the peer's host may think for five seconds.")    \
	X(EXPECT, 2000,                                                       \
	  "Where a page fails because the link exists already, the peer's "   \
	  "Connection Request follows within this time.")                     \
	X(CANCEL, 5000,                                                       \
	  "Connection Complete follows Create Connection Cancel within this " \
	  "time; else the link is given up without it.")                      \
	X(ACCEPT, 20000,                                                      \
	  "Connection Complete follows Accept Connection Request within "     \
	  "this time; else the link is given up.")                            \
	X(DRAIN, 2000,                                                        \
	  "Before Disconnect, what was pulled gets this long to leave.")      \
	X(DISCONNECT, 22000,                                                  \
	  "Disconnection Complete follows Disconnect within the default "     \
	  "supervision timeout of 20 s and a bit; else the link is "          \
	  "considered gone.")                                                 \
	X(IDLE, 2000,                                                         \
	  "A link that nobody uses is disconnected after this time, unless "  \
	  "the options say otherwise; one that the peer has made, before "    \
	  "anybody used it, after ten times as long.")                        \
	X(COMPLETED, 30000,                                                   \
	  "Packets of a link that the controller has had for this long "      \
	  "without completing any are written off and their buffers used "    \
	  "again.")                                                           \
	X(EARLY_ACL, 10,                                                      \
	  "Data on a handle that is not known yet wait this long for their "  \
	  "Connection Complete, which can be late on USB.")                   \
	X(INQUIRY_MARGIN, 5000,                                               \
	  "Inquiry Complete comes at most this long after the inquiry's "     \
	  "length; else it is cancelled and has failed.")                     \
	X(NAME_MARGIN, 15000,                                                 \
	  "Remote Name Request Complete comes within the page timeout and "   \
	  "this; else the request is cancelled and has failed.")              \
	X(NAME_CANCEL, 2000,                                                  \
	  "After Remote Name Request Cancel the next request waits at most "  \
	  "this long for the end of the one before.")                         \
	X(FEATURES, 10000,                                                    \
	  "A page of the peer's features is read within this time; else the " \
	  "peer counts as one that does Secure Simple Pairing.")              \
	X(AUTHENTICATE, 30000,                                                \
	  "Authentication Complete follows Authentication Requested within "  \
	  "the user's time for an answer and this, which is the link "        \
	  "managers' own limit; else the link is dropped.")                   \
	X(ENCRYPT, 10000,                                                     \
	  "Encryption Change follows Set Connection Encryption, and "         \
	  "Encryption Key Refresh Complete its command, within this time; "   \
	  "else it has failed.")                                              \
	X(TURN, 2000,                                                         \
	  "Where the peer's authentication or encryption crosses ours, it "   \
	  "goes first for this long.")                                        \
	X(ENCRYPT_SOON, 2000,                                                 \
	  "A peer that has used a link key encrypts within this time: its "   \
	  "requests wait, which are refused on a plain link.")                \
	X(PAIRING, 40000,                                                     \
	  "In a pairing the controller's next event follows our answer, or "  \
	  "the event before, within the link managers' 30 s and a bit; else " \
	  "the pairing is over.")                                             \
	X(POLICY, 10000,                                                      \
	  "Role Change follows Switch Role, and Mode Change Sniff Mode or "   \
	  "Exit Sniff Mode, within this time; else it is left at that.")      \
	X(POLICY_AGAIN, 500,                                                  \
	  "A role that can't be changed now is tried again after this time.") \
	X(QUIET, 1000,                                                        \
	  "A link without packets for this long is quiet: time for the "      \
	  "sniff mode that its users prefer.")                                \
	X(FAILED, 100,                                                        \
	  "What has failed is the answer to who asks for it again within "    \
	  "this time; later it is tried anew.")                               \
	X(REFUSAL, 100,                                                       \
	  "A link that is refused is dropped after this time, so that the "   \
	  "layer above can say no.")

enum rt_hci_timer_ms {
#define X(name, ms, sentence) RT_HCI_##name##_MS = (ms),
	RT_HCI_TIMERS(X)
#undef X
};

/* A peer's link that nobody has used yet stays for IDLE times this. */
#define RT_HCI_IDLE_INCOMING 10

/* One baseband slot: 0.625 ms. */
#define RT_HCI_SLOT_US 625

#endif
