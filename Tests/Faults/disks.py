"""Disks that fail as a case wants: an ext4 in a file whose power can be cut, and a small one in memory. Both need root; both are gone with `close`."""
import fcntl
import os
import struct
import subprocess
import uuid

from faultworld import Trouble, missing

#: `_IOR('X', 125, __u32)` and EXT4_GOING_FLAGS_NOLOGFLUSH of fs/ext4/ext4.h: all writing ends now, and what was not flushed is gone.
EXT4_IOC_SHUTDOWN = 0x8004_587D
NO_LOG_FLUSH = 2


def refusal():
    """Why this machine has no such disks; None: it has."""
    if os.geteuid() != 0:
        return "mounting needs root"
    if wanting := missing(("mkfs.ext4", "e2fsprogs"), ("mount", "mount"), ("unshare", "util-linux")):
        return "needs the Debian packages " + " ".join(wanting)
    return None


def run(*words):
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Trouble(f"{' '.join(map(str, words))}: {done.stdout.strip()}")


class Disk:
    def __init__(self, place):
        self.place, self.is_mounted = place, False
        place.mkdir(parents=True, exist_ok=True)

    def mount(self):
        run("mount", *self.what(), self.place)
        self.is_mounted = True
        os.chmod(self.place, 0o700)

    def unmount(self):
        if self.is_mounted:
            run("umount", self.place)
            self.is_mounted = False

    def close(self):
        if self.is_mounted:
            subprocess.run(["umount", "-l", str(self.place)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def free(self):
        disk = os.statvfs(self.place)
        return disk.f_bavail * disk.f_frsize

    def fill(self, leaving=0):
        """A file takes what there is, but for so many bytes."""
        with open(self.place / "filler", "ab") as file:
            piece = 1 << 24
            while piece >= 4096:
                wanted = min(piece, self.free() - leaving)
                try:
                    if wanted >= 4096:
                        os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), wanted)
                        continue
                except OSError:
                    pass
                piece //= 2

    def make_room(self):
        (self.place / "filler").unlink(missing_ok=True)

    def __enter__(self):
        try:
            self.mount()
        except Trouble:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()


class LoopDisk(Disk):
    """ext4 in a sparse file."""

    def __init__(self, place, image, mebibytes=256):
        super().__init__(place)
        self.image = image
        with open(image, "wb") as file:
            file.truncate(mebibytes << 20)
        # Nothing is set aside for root.
        run("mkfs.ext4", "-q", "-F", "-m", "0", image)

    def what(self):
        return ["-o", "loop", self.image]

    def cut(self):
        """The power fails. Until the disk is mounted again nothing can be read or written."""
        file = os.open(self.place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(file, EXT4_IOC_SHUTDOWN, struct.pack("=I", NO_LOG_FLUSH))
        finally:
            os.close(file)

    def abort(self):
        """What the kernel does to a file system that it finds broken: from now on it is read-only, open files or not."""
        run("mount", "-o", "remount,abort", self.place)


class SmallDisk(Disk):
    """In memory, and soon full."""

    def __init__(self, place, mebibytes=16):
        super().__init__(place)
        self.size = mebibytes << 20

    def what(self):
        return ["-t", "tmpfs", "-o", f"size={self.size},mode=0700", "tmpfs"]


def another_boot(work):
    """What a process is started with to be on a machine that was started anew: the kernel's id of this boot is another one."""
    made = work / "boot_id"
    made.write_text(f"{uuid.uuid4()}\n")
    return ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"', str(made)]
