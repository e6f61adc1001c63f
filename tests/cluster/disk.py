"""A file system of a host's own, XFS in a file, that can lose its power: what was not flushed is gone."""
import os
import shutil
import tempfile

from shell import run

SIZE = 512 << 20  # sparse; mkfs.xfs takes 300 MiB and more
MARKER = "not-flushed"


def why_no_disks():
    """Why this cannot be had here; empty = it can."""
    for program in ("mkfs.xfs", "xfs_io", "losetup", "fsfreeze"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    with tempfile.TemporaryDirectory() as folder:
        place = os.path.join(folder, "place")
        os.makedirs(place)
        try:
            Disk(os.path.join(folder, "image"), place).remove()
        except RuntimeError as failure:  # no loop devices, or a kernel without XFS
            return str(failure)
    return ""


class Disk:
    def __init__(self, image, folder):
        self.image, self.folder = image, folder
        with open(image, "wb") as file:
            file.truncate(SIZE)
        run("mkfs.xfs", "-q", image)
        self.mount()

    def mount(self):
        """By a loop device of its own each time: another program's namespace may still hold the one that was shut down."""
        device = run("losetup", "--find", "--show", self.image).strip()
        try:
            run("mount", "-o", "nouuid", device, self.folder)
        finally:
            run("losetup", "--detach", device)  # once it is mounted nowhere

    def lose_power(self):
        """At once, without a flush, whoever writes. A file that nobody has flushed tells afterwards that it was so."""
        with open(os.path.join(self.folder, MARKER), "w", encoding="utf-8") as file:
            file.write("written, and never flushed")
        run("xfs_io", "-x", "-c", "shutdown", self.folder)

    def get_power(self):
        """Mounted again; its log is replayed. True: what was not flushed is gone."""
        self.remove()
        self.mount()
        marker = os.path.join(self.folder, MARKER)
        return not os.path.exists(marker) or os.path.getsize(marker) == 0

    def hang(self):
        """Whoever writes waits, and cannot be killed meanwhile, until go_on()."""
        run("fsfreeze", "--freeze", self.folder)

    def go_on(self):
        run("fsfreeze", "--unfreeze", self.folder, check=False)

    def remove(self):
        run("umount", "-l", self.folder, check=False)
