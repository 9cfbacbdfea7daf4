"""Gunicorn, for `make run` and for the image alike."""

import os

# The image, where a proxy stands in front, passes --bind 0.0.0.0:8000.
bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"

# Pages wait for the database more than they compute: threads share one process's memory.
workers = 2
threads = 4

# Longer than any page may take; a worker that is stuck is replaced.
timeout = 30
# Below the ten seconds that a container runtime waits between SIGTERM and SIGKILL.
graceful_timeout = 8

# Only a proxy on this machine may set the scheme; the application itself decides whom it believes.
forwarded_allow_ips = "127.0.0.1,::1"

# The proxy keeps the access log; here it would only repeat it.
accesslog = None

# Nobody drives this server from outside, and its socket would stay in the home directory.
control_socket_disable = True
