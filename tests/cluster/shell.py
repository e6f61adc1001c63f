"""A command that must succeed, and what it printed."""
import os
import subprocess


def run(*command, check=True, env=None, text=None):
    done = subprocess.run(command, env={**os.environ, **(env or {})}, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout.strip()}")
    return done.stdout
