/* SPDX-License-Identifier: MIT */
#include "tools/sim/jobs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tools/sim/random.h"

#define JOBS_MAX 64
/* Seconds of the machine's time after which a story is said not to end. */
#define PATIENCE_S 120
/* How a worker ends after a failure that it has reported. */
#define STATUS_TOLD 77

struct report {
	uint64_t seed;
	bool again;
	struct sim_result result;
};

struct worker {
	pid_t pid; /* 0: none */
	int fd;	   /* reports; -1: none */
	uint64_t next;
};

struct crew {
	const struct sim_jobs *jobs;
	struct sim_sum *sum;
	struct worker worker[JOBS_MAX];
	/* Of each worker, in memory that we share: the seed it is at. */
	uint64_t *current;
	unsigned int count;
	uint64_t end_us; /* no new seeds then; 0: never */
	bool enough;
};

static uint64_t real_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* --- in a worker -------------------------------------------------------- */

static bool is_told_again(const struct sim_jobs *jobs, uint64_t seed)
{
	uint64_t dice = sim_random_split(seed, 99);

	return sim_below(&dice, 100) < jobs->again;
}

static void tell(const struct sim_jobs *jobs, uint64_t seed,
		 struct report *report)
{
	struct sim_result second;

	memset(report, 0, sizeof(*report));
	report->seed = seed;
	sim_run_seed(seed, &jobs->sim, &report->result);
	if (report->result.failed || !is_told_again(jobs, seed))
		return;
	report->again = true;
	sim_run_seed(seed, &jobs->sim, &second);
	if (second.failed || second.trace != report->result.trace) {
		report->result.failed = true;
		snprintf(report->result.what, sizeof(report->result.what),
			 "the same seed tells another story the second time");
	}
}

static void send_report(int fd, const struct report *report)
{
	const uint8_t *p = (const uint8_t *)report;
	size_t sent = 0;
	ssize_t n;

	while (sent < sizeof(*report)) {
		n = write(fd, p + sent, sizeof(*report) - sent);
		if (n < 0 && errno != EINTR)
			_exit(1);
		if (n > 0)
			sent += (size_t)n;
	}
}

static void work(const struct crew *crew, unsigned int index, int fd)
{
	const struct sim_jobs *jobs = crew->jobs;
	struct report report;

	for (uint64_t i = crew->worker[index].next; i < jobs->seeds;
	     i += crew->count) {
		if (crew->end_us != 0 && real_us() > crew->end_us)
			break;
		crew->current[index] = i;
		alarm(PATIENCE_S);
		tell(jobs, jobs->first + i, &report);
		alarm(0);
		send_report(fd, &report);
		/* One that failed has left everything behind. */
		if (report.result.failed)
			_exit(STATUS_TOLD);
	}
	crew->current[index] = jobs->seeds;
	_exit(0);
}

/* --- in the parent ------------------------------------------------------ */

static int start(struct crew *crew, unsigned int index)
{
	struct worker *worker = &crew->worker[index];
	int fds[2];

	if (pipe(fds) < 0)
		return -errno;
	fflush(NULL);
	worker->pid = fork();
	if (worker->pid < 0) {
		const int err = -errno;

		close(fds[0]);
		close(fds[1]);
		worker->pid = 0;
		return err;
	}
	if (worker->pid == 0) {
		close(fds[0]);
		work(crew, index, fds[1]);
	}
	close(fds[1]);
	worker->fd = fds[0];
	return 0;
}

static void add(struct crew *crew, const struct report *report)
{
	struct sim_sum *sum = crew->sum;
	const struct sim_result *result = &report->result;
	const struct sim_jobs *jobs = crew->jobs;

	sum->seeds++;
	sum->again += report->again;
	sum->virtual_us += result->virtual_us * (report->again ? 2 : 1);
	sum->steps += result->steps;
	sum->packets += result->packets;
	sum->opened += result->opened;
	sum->octets += result->octets;
	sum->faults += result->faults;
	sum->of_role[result->role]++;
	for (unsigned int i = 0; i < SIM_FEATURE_COUNT; i++)
		sum->of_feature[i] += (result->features & SIM_BIT(i)) != 0;
	if (result->failed) {
		sum->failed++;
		if (jobs->failed)
			jobs->failed(jobs->user, report->seed, result);
		if (jobs->failures > 0 && sum->failed >= jobs->failures)
			crew->enough = true;
	}
	if (jobs->progress)
		jobs->progress(jobs->user, sum->seeds);
}

/* The worker is gone: was it in the middle of a seed? */
static int bury(struct crew *crew, unsigned int index)
{
	struct worker *worker = &crew->worker[index];
	struct report report = { .seed = 0 };
	int status = 0;

	close(worker->fd);
	worker->fd = -1;
	waitpid(worker->pid, &status, 0);
	worker->pid = 0;
	if (crew->enough || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return 0;
	worker->next = crew->current[index] + crew->count;
	/* Sanitizers end a process in their own way. */
	if (WIFSIGNALED(status) || WEXITSTATUS(status) != STATUS_TOLD) {
		report.seed = crew->jobs->first + crew->current[index];
		report.result.failed = true;
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
			snprintf(report.result.what, sizeof(report.result.what),
				 "it does not end");
		else if (WIFSIGNALED(status))
			snprintf(report.result.what, sizeof(report.result.what),
				 "a crash: %s", strsignal(WTERMSIG(status)));
		else
			snprintf(report.result.what, sizeof(report.result.what),
				 "the process ended with status %d",
				 WEXITSTATUS(status));
		add(crew, &report);
	}
	if (crew->enough || worker->next >= crew->jobs->seeds)
		return 0;
	return start(crew, index);
}

/* Reads a whole report. False at the end of the file. */
static bool read_report(int fd, struct report *report)
{
	uint8_t *p = (uint8_t *)report;
	size_t got = 0;
	ssize_t n;

	while (got < sizeof(*report)) {
		n = read(fd, p + got, sizeof(*report) - got);
		if (n == 0 || (n < 0 && errno != EINTR))
			return false;
		if (n > 0)
			got += (size_t)n;
	}
	return true;
}

static int wait_for_some(struct crew *crew)
{
	struct pollfd fds[JOBS_MAX];
	struct report report;
	int err = 0;

	for (unsigned int i = 0; i < crew->count; i++)
		fds[i] = (struct pollfd){ crew->worker[i].fd, POLLIN, 0 };
	if (poll(fds, crew->count, -1) < 0)
		return errno == EINTR ? 0 : -errno;
	for (unsigned int i = 0; i < crew->count && err == 0; i++) {
		if (fds[i].revents == 0)
			continue;
		if (read_report(crew->worker[i].fd, &report))
			add(crew, &report);
		else
			err = bury(crew, i);
	}
	return err;
}

static bool is_working(const struct crew *crew)
{
	for (unsigned int i = 0; i < crew->count; i++) {
		if (crew->worker[i].fd >= 0)
			return true;
	}
	return false;
}

static void stop(struct crew *crew)
{
	for (unsigned int i = 0; i < crew->count; i++) {
		if (crew->worker[i].pid > 0)
			kill(crew->worker[i].pid, SIGKILL);
	}
	crew->enough = true;
	for (unsigned int i = 0; i < crew->count; i++) {
		if (crew->worker[i].fd >= 0)
			(void)bury(crew, i);
	}
}

int sim_jobs_run(const struct sim_jobs *jobs, struct sim_sum *ret_sum)
{
	struct crew crew = { .jobs = jobs, .sum = ret_sum };
	const uint64_t begun_us = real_us();
	int err = 0;

	memset(ret_sum, 0, sizeof(*ret_sum));
	crew.count = RT_MIN(jobs->jobs, JOBS_MAX);
	if (jobs->seconds > 0)
		crew.end_us = begun_us + RT_SECONDS(jobs->seconds);
	crew.current =
		mmap(NULL, JOBS_MAX * sizeof(*crew.current),
		     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (crew.current == MAP_FAILED)
		return -errno;
	for (unsigned int i = 0; i < crew.count; i++) {
		crew.worker[i].fd = -1;
		crew.worker[i].next = i;
	}
	for (unsigned int i = 0; i < crew.count && err == 0; i++)
		err = start(&crew, i);
	while (err == 0 && !crew.enough && is_working(&crew))
		err = wait_for_some(&crew);
	stop(&crew);
	munmap(crew.current, JOBS_MAX * sizeof(*crew.current));
	ret_sum->real_us = real_us() - begun_us;
	return err;
}

static void keep(void *user, uint64_t seed, const struct sim_result *result)
{
	(void)seed;
	*(struct sim_result *)user = *result;
}

int sim_jobs_try(uint64_t seed, const struct sim_options *options,
		 struct sim_result *ret_result)
{
	const struct sim_jobs jobs = {
		.sim = *options,
		.first = seed,
		.seeds = 1,
		.jobs = 1,
		.failed = keep,
		.user = ret_result,
	};
	struct sim_sum sum;

	memset(ret_result, 0, sizeof(*ret_result));
	return sim_jobs_run(&jobs, &sum);
}
