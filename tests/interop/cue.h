/* SPDX-License-Identifier: MIT */
#ifndef RT_INTEROP_CUE_H
#define RT_INTEROP_CUE_H

/*
 * Letters between the two programs of a story, so that both act at the same
 * moment: each has a FIFO to give and one to take from.
 */
struct cue {
	int give;
	int take;
};

/* Opens both. Returns 0 or the errno. */
int cue_open(struct cue *cue, const char *give, const char *take);

/* Gives a letter. */
void cue_give(const struct cue *cue, char letter);

/* Takes the next letter; 0 if none is there. */
char cue_take(const struct cue *cue);

#endif
