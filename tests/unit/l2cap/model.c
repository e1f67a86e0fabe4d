/* SPDX-License-Identifier: MIT */
#include "tests/unit/l2cap/model.h"

#include <string.h>

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static void put16(struct model_frame *frame, uint16_t x)
{
	frame->data[frame->len++] = (uint8_t)x;
	frame->data[frame->len++] = (uint8_t)(x >> 8);
}

/* Begins a command; its length is set when all is in. */
static void begin(struct model_frame *frame, uint8_t code, uint8_t ident)
{
	frame->cid = 1;
	frame->len = 4;
	frame->data[0] = code;
	frame->data[1] = ident;
}

static void end(struct model_frame *frame)
{
	frame->data[2] = (uint8_t)(frame->len - 4);
	frame->data[3] = 0;
}

static uint8_t next_ident(struct model *model)
{
	model->ident = (uint8_t)(model->ident % 255 + 1);
	return model->ident;
}

static uint16_t next_cid(struct model *model)
{
	model->last_cid = (uint16_t)(model->last_cid % 0x1000 + 1);
	return (uint16_t)(0x1000 + model->last_cid);
}

static int find(const struct model *model, uint16_t theirs)
{
	for (size_t i = 0; i < model->count; i++) {
		if (model->chan[i].theirs == theirs)
			return (int)i;
	}
	return -1;
}

static void add(struct model *model, uint16_t ours, uint16_t theirs)
{
	const size_t i = model->count % MODEL_CHANS;

	model->chan[i].ours = ours;
	model->chan[i].theirs = theirs;
	model->chan[i].asked = false;
	if (model->count < MODEL_CHANS)
		model->count++;
}

static void ask(struct model *model, size_t i, struct model_frame *ret)
{
	model->chan[i].asked = true;
	begin(ret, 0x04, next_ident(model));
	put16(ret, model->chan[i].ours);
	put16(ret, 0);
	put16(ret, 0x0201);
	put16(ret, 256);
	end(ret);
}

static size_t on_conn_req(struct model *model, const uint8_t *cmd,
			  struct model_frame *ret)
{
	const uint16_t cid = next_cid(model);

	add(model, le16(cmd + 6), cid);
	begin(ret, 0x03, cmd[1]);
	put16(ret, cid);
	put16(ret, le16(cmd + 6));
	put16(ret, 0);
	put16(ret, 0);
	end(ret);
	return 1;
}

static size_t on_conn_rsp(struct model *model, const uint8_t *cmd,
			  struct model_frame *ret)
{
	if (le16(cmd + 8) != 0)
		return 0;
	add(model, le16(cmd + 4), le16(cmd + 6));
	ask(model, model->count - 1, ret);
	return 1;
}

/* Asks for what has been asked of it. */
static void ask_same(struct model *model, size_t i, const uint8_t *cmd,
		     struct model_frame *ret)
{
	const size_t len = le16(cmd + 2) - 4U;

	ask(model, i, ret);
	memcpy(ret->data + 8, cmd + 8, len);
	ret->len = 8 + len;
	end(ret);
}

static size_t on_conf_req(struct model *model, const uint8_t *cmd,
			  struct model_frame *ret)
{
	const int i = find(model, le16(cmd + 4));

	if (i < 0)
		return 0;
	begin(ret, 0x05, cmd[1]);
	put16(ret, model->chan[i].ours);
	put16(ret, 0);
	put16(ret, 0);
	end(ret);
	if (model->chan[i].asked)
		return 1;
	ask_same(model, (size_t)i, cmd, ret + 1);
	return 2;
}

static size_t copy_back(const uint8_t *cmd, uint8_t code, size_t len,
			struct model_frame *ret)
{
	begin(ret, code, cmd[1]);
	memcpy(ret->data + 4, cmd + 4, len);
	ret->len += len;
	end(ret);
	return 1;
}

static size_t on_info_req(const uint8_t *cmd, struct model_frame *ret)
{
	begin(ret, 0x0b, cmd[1]);
	put16(ret, le16(cmd + 4));
	put16(ret, 0);
	put16(ret, 0x01b8);
	put16(ret, 0);
	if (cmd[4] == 3) {
		put16(ret, 0);
		put16(ret, 0);
	}
	end(ret);
	return 1;
}

static size_t on_command(struct model *model, const uint8_t *cmd,
			 struct model_frame *ret)
{
	switch (cmd[0]) {
	case 0x02:
		return on_conn_req(model, cmd, ret);
	case 0x03:
		return on_conn_rsp(model, cmd, ret);
	case 0x04:
		return on_conf_req(model, cmd, ret);
	case 0x06:
		return copy_back(cmd, 0x07, 4, ret);
	case 0x08:
		return copy_back(cmd, 0x09, cmd[2], ret);
	case 0x0a:
		return on_info_req(cmd, ret);
	default:
		return 0;
	}
}

size_t model_react(struct model *model, const uint8_t *pdu, size_t len,
		   struct model_frame ret[2])
{
	int i;

	if (le16(pdu + 2) == 1)
		return on_command(model, pdu + 4, ret);
	i = find(model, le16(pdu + 2));
	if (i < 0 || len - 4 > MODEL_FRAME_BYTES)
		return 0;
	ret->cid = model->chan[i].ours;
	ret->len = len - 4;
	memcpy(ret->data, pdu + 4, len - 4);
	return 1;
}

void model_connect(struct model *model, uint16_t psm, struct model_frame *ret)
{
	begin(ret, 0x02, next_ident(model));
	put16(ret, psm);
	put16(ret, next_cid(model));
	end(ret);
}
