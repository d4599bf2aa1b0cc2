"""A terminal in a test's hands: runs argv[1:] in a new session under a pseudo-terminal of 30 rows and 100 columns,
copies its standard input to the keyboard and the screen to its standard output. A line `resize R C` on descriptor 3
resizes it. Exits with the command's own status (128+n for a signal)."""
import fcntl, os, pty, select, struct, sys, termios

def size(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))

pid, screen = pty.fork()
if pid == 0:
    # The size must be there before the program looks.
    size(0, 30, 100)
    os.execvp(sys.argv[1], sys.argv[1:])

keys = [0, 3]
while True:
    ready, _, _ = select.select([screen, *keys], [], [])
    if screen in ready:
        try:
            data = os.read(screen, 65536)
        except OSError:
            data = b''
        if not data:
            break
        os.write(1, data)
    for source in [fd for fd in keys if fd in ready]:
        data = os.read(source, 65536)
        if not data:
            keys.remove(source)
        elif source == 0:
            os.write(screen, data)
        else:
            _, rows, columns = data.split()
            size(screen, int(rows), int(columns))
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
