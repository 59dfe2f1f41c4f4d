"""The launcher as it would be installed, for a script that becomes an ordinary user."""
import os
import shutil
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def enter(name, sources, user):
    """Installs the launcher with its profiles, and programs made of C files, in a temporary directory.

    Root becomes `user`. The working directory is an empty home.

    Returns the directory of the programs, the home, and an environment.
    """
    prefix = tempfile.mkdtemp(prefix=f"sandbox-{name}-", dir="/tmp")
    os.chmod(prefix, 0o755)
    programs, profiles, home = prefix + "/bin", prefix + "/share/sandbox/profiles", prefix + "/home"
    for directory in (programs, profiles, home):
        os.makedirs(directory)
    shutil.copy(os.environ.get("SANDBOX", ROOT + "/.build/release/sandbox"), programs)
    for profile in os.listdir(ROOT + "/profiles"):
        shutil.copy(ROOT + "/profiles/" + profile, profiles)
    for source in sources:
        program = programs + "/" + os.path.basename(source).removesuffix(".c")
        subprocess.run(["clang", "-O2", "-w", "-static", "-o", program, f"{ROOT}/{source}"], check=True)
    if os.getuid() == 0:
        os.chown(home, user, user)
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    os.chdir(home)
    return programs, home, {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": home, "LC_ALL": "C"}
