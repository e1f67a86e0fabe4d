/* SPDX-License-Identifier: MIT */
#include "api/oob.h"

#include <errno.h>
#include <string.h>

#include <rawtooth/security.h>

#include "api/error.h"
#include "api/host.h"
#include "hci/security.h"

struct rt_api_oob {
	struct rt_host *host;
	struct rt_ready ready;
	void (*done)(struct rt_host *host, const struct rt_oob *oob,
		     const struct rt_error_info *info, void *user_data);
	void *user_data;
	bool over;
	bool good;
	struct rt_oob oob;
	struct rt_reason why;
};

static struct rt_oob oob_out(const struct rt_sec_oob *oob)
{
	struct rt_oob out = {
		.size = sizeof(out),
		.has_192 = oob->has_192,
		.has_256 = oob->has_256,
	};

	memcpy(out.c192, oob->c192, sizeof(out.c192));
	memcpy(out.r192, oob->r192, sizeof(out.r192));
	memcpy(out.c256, oob->c256, sizeof(out.c256));
	memcpy(out.r256, oob->r256, sizeof(out.r256));
	return out;
}

static struct rt_sec_oob oob_in(const struct rt_oob *oob)
{
	struct rt_sec_oob in = {
		.has_192 = oob->has_192,
		.has_256 = oob->has_256,
	};

	memcpy(in.c192, oob->c192, sizeof(in.c192));
	memcpy(in.r192, oob->r192, sizeof(in.r192));
	memcpy(in.c256, oob->c256, sizeof(in.c256));
	memcpy(in.r256, oob->r256, sizeof(in.r256));
	return in;
}

int rt_host_set_peer_oob(struct rt_host *host, struct rt_addr addr,
			 const struct rt_oob *given)
{
	struct rt_sec_oob in;
	struct rt_oob own;
	int err;

	rt_api_host_enter(host);
	if (!given) {
		rt_sec_clear_peer_oob(host->hci, addr);
		return 0;
	}
	rt_api_copy_in(&own, sizeof(own), given);
	in = oob_in(&own);
	err = rt_sec_set_peer_oob(host->hci, addr, &in);
	rt_sec_wipe(&in, sizeof(in));
	rt_sec_wipe(&own, sizeof(own));
	return err;
}

static void on_read(void *user, const struct rt_sec_oob *oob,
		    const struct rt_reason *why)
{
	struct rt_host *host = user;
	struct rt_api_oob *request = host->oob;

	if (!request || request->over)
		return;
	request->over = true;
	if (oob) {
		request->good = true;
		request->oob = oob_out(oob);
	}
	if (why)
		request->why = *why;
	rt_ready_raise(&host->env, &request->ready, 1);
}

static void destroy(struct rt_api_oob *request)
{
	struct rt_host *host = request->host;

	host->oob = NULL;
	rt_ready_cancel(&request->ready);
	rt_sec_wipe(request, sizeof(*request));
	rt_env_free(&host->env, request);
}

int rt_host_read_oob(struct rt_host *host,
		     void (*done)(struct rt_host *host,
				  const struct rt_oob *oob,
				  const struct rt_error_info *info,
				  void *user_data),
		     void *user_data)
{
	struct rt_api_oob *request;
	int err;

	if (!rt_api_host_is_up(host))
		return -ENETDOWN;
	if (!done)
		return -EINVAL;
	if (host->oob)
		return -EBUSY;
	rt_api_host_enter(host);
	request = rt_env_alloc(&host->env, sizeof(*request));
	if (!request)
		return -ENOMEM;
	request->host = host;
	request->done = done;
	request->user_data = user_data;
	rt_ready_init(&request->ready, RT_API_OOB);
	host->oob = request;
	err = rt_sec_read_local_oob(host->hci, on_read, host);
	if (err < 0)
		destroy(request);
	rt_api_host_touch(host);
	return err;
}

void rt_api_oob_deliver(struct rt_ready *ready)
{
	struct rt_api_oob *request =
		RT_CONTAINER_OF(ready, struct rt_api_oob, ready);
	struct rt_api_oob copy = *request;
	struct rt_error_info info;

	rt_api_error_describe(&copy.why, NULL, &info);
	destroy(request);
	copy.done(copy.host, copy.good ? &copy.oob : NULL, &info,
		  copy.user_data);
	rt_sec_wipe(&copy, sizeof(copy));
}

void rt_api_oob_end(struct rt_host *host)
{
	const struct rt_reason why = { .layer = RT_LAYER_API,
				       .err = -ENETDOWN };

	on_read(host, NULL, &why);
}

void rt_api_oob_destroy(struct rt_host *host)
{
	if (host->oob)
		destroy(host->oob);
}
