"""How podman is told to run where tests run: what a machine's kernel lets a container have may be less than podman asks for."""

TEXT = """[containers]
default_ulimits=["nofile=8192:8192","nproc=4096:4096"]
[engine]
runtime="runc"
cgroup_manager="cgroupfs"
events_logger="file"
"""
