#!/bin/sh
# What a CI runner with its own Docker runs after each job: short, quiet, and never the reason that a job fails.
# GitHub: ACTIONS_RUNNER_HOOK_JOB_COMPLETED=/opt/docker-tidy/after-job.sh in the runner's .env
# GitLab: post_build_script = "/opt/docker-tidy/after-job.sh" in the runner's config.toml (shell executor)
# Jobs that still run lose nothing: what containers use stays, and so does what is younger than an hour.
docker tidy --force --quiet --wait --grace 1h --policy "${TIDY_POLICY:-/etc/docker-tidy/tidy.yaml}" || true
