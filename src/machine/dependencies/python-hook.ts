/**
 * What `sitecustomize.py` (see `pythonStarter`) does, found first through PYTHONPATH by every Python of the run. It must be invisible to the program:
 *
 * - sys.path, sys.path_importer_cache and os.environ look as without it; then it hands over to the user's own
 *   sitecustomize (or raises the ImportError that site expects where there is none).
 * - The process's real environment keeps the hook, so children that inherit it are reached too; children that are
 *   given an explicit environment get it by the wrapped fork_exec, posix_spawn and execve.
 * - All that it needs at exit it has imported at the start: an import at exit resets CPython's flag for an unhandled
 *   KeyboardInterrupt, and Ctrl-C would then end as exit 1.
 * - It keeps no file open, so a program that closes all descriptors does no harm, nor suffers any.
 * - Everything lives in one function's closure: Python 2 empties the globals of a module that is dropped.
 *
 * It appends to one file a process (tag and value, ended by NUL): the interpreter at the start; at exit the files of
 * sys.modules, those that the source loader was asked for (a program may have deleted the module since), the mapped
 * files, times and an end mark. A file without an end mark is a process that was killed. A worker process (forked,
 * or one of multiprocessing's) is often ended by a signal on purpose, so it writes each module as it loads it.
 *
 * Works from Python 2.7 on; must parse there too.
 */
export const pythonHook = String.raw`
def _corroborate(folder):
    import atexit, os, sys, time
    try:
        import _posixsubprocess
        from _frozen_importlib_external import SourceFileLoader
    except ImportError:
        _posixsubprocess = SourceFileLoader = None
    encode = getattr(os, 'fsencode', None) or (lambda v: v if isinstance(v, str) else v.encode('utf-8'))
    opened, written, closed, pid, times = os.open, os.write, os.close, os.getpid, os.times
    appending = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, 'O_CLOEXEC', 0)
    getcwd, clock, modules, path = os.getcwd, time.time, sys.modules, sys.path
    processor = getattr(time, 'process_time', time.clock if sys.version_info[0] == 2 else None)
    home = encode(folder)
    state = {'pid': None, 'file': None, 'worker': False, 'ended': False}
    seen = []

    def record(pairs):
        data = b''.join([tag + value + b'\0' for tag, value in pairs])
        descriptor = opened(state['file'], appending, 0o600)
        try:
            while data:
                data = data[written(descriptor, data):]
        finally:
            closed(descriptor)

    def read(name):
        try:
            descriptor = opened(name, os.O_RDONLY)
        except OSError:
            return b''
        chunks = []
        try:
            while True:
                chunk = os.read(descriptor, 65536)
                if not chunk:
                    return b''.join(chunks)
                chunks.append(chunk)
        finally:
            closed(descriptor)

    def named(tag, names):
        pairs = []
        for name in list(names):
            try:
                pairs.append((tag, encode(name)))
            except Exception:
                pass
        return pairs

    def start():
        state['pid'] = pid()
        state['ended'] = False
        state['file'] = os.path.join(folder, '%d-%x.python' % (state['pid'], int(clock() * 1e9)))
        words = getattr(sys, 'orig_argv', None)
        command = b' '.join([encode(w) for w in words]) if words else read('/proc/self/cmdline').replace(b'\0', b' ')
        if b'--multiprocessing-fork' in command or b'multiprocessing.forkserver' in command:
            state['worker'] = True
        try:
            here = encode(getcwd())
        except OSError:
            here = b''
        implementation = getattr(sys, 'implementation', None)
        record(named(b'S', path) + [
            (b'I', encode(sys.executable or '')),
            (b'V', ('%d.%d.%d' % sys.version_info[:3]).encode('ascii')),
            (b'N', (implementation.name if implementation else 'cpython').encode('ascii')),
            (b'P', encode(sys.prefix)),
            (b'L', encode(os.path.dirname(os.__file__))),
            (b'C', here),
            (b'O', str(os.getppid()).encode('ascii')),
            (b'W', b'1' if state['worker'] else b''),
            (b'A', command[:1000].strip()),
        ])

    def files():
        found = set(seen)
        for module in list(modules.values()):
            try:
                # Never through the module's own __getattr__: a lazy module would load itself.
                names = object.__getattribute__(module, '__dict__')
                name = names.get('__file__')
                if not name:
                    spec = names.get('__spec__')
                    if spec is not None and spec.has_location:
                        name = spec.origin
                if not name and names.get('__name__') == '__main__':
                    # Python takes a script's __file__ away again before it runs the exit handlers.
                    name = getattr(names.get('__loader__'), 'path', None) or (SourceFileLoader is None and sys.argv[0])
                if name and name != '-c':
                    found.add(name)
            except Exception:
                pass
        return found

    def end():
        try:
            if state['pid'] != pid():
                start()
            pairs = named(b'M', files()) + named(b'S', path)
            spent = times()
            mappings = set([line.partition(b'/')[2] for line in read('/proc/self/maps').split(b'\n') if b'/' in line])
            pairs.extend([(b'X', b'/' + name) for name in mappings])
            pairs.extend([(b'R', line) for line in read('/proc/self/status').split(b'\n') if line[:6] == b'VmHWM:'])
            pairs.append((b'U', ('%f' % (processor() + spent[2] + spent[3])).encode('ascii')))
            pairs.append((b'E', b''))
            record(pairs)
            state['ended'] = True
        except Exception:
            pass

    def forked():
        try:
            state['worker'] = True
            start()
        except Exception:
            pass

    def told(value):
        own = home + b':'
        if value == home or value[:len(own)] == own:
            return value
        return own + value if value else home

    def with_hook(pairs):
        key = b'PYTHONPATH='
        for at, pair in enumerate(pairs):
            if pair[:len(key)] == key:
                return pairs[:at] + [key + told(pair[len(key):])] + pairs[at + 1:]
        return pairs + [key + home]

    def mapped(env):
        try:
            env = dict(env)
            key = b'PYTHONPATH' if b'PYTHONPATH' in env and str is not bytes else 'PYTHONPATH'
            env[key] = told(encode(env.get(key, '')))
        except Exception:
            pass
        return env

    def ending(original):
        def replaced(*words, **named):
            if not state['ended'] or state['pid'] != pid():
                end()
            return original(*words, **named)
        return replaced

    def inheriting(original):
        def replaced(*words, **named):
            if 'env' in named:
                named['env'] = mapped(named['env'])
            elif len(words) > 2:
                words = words[:2] + (mapped(words[2]),) + words[3:]
            return original(*words, **named)
        return replaced

    variables = getattr(os.environ, '_data', None)
    if variables is None:
        variables = os.environ.data
    key = encode('PYTHONPATH')
    own = [part for part in variables.get(key, b'').split(b':')]
    if home in own:
        own.remove(home)
    original = b':'.join(own) if own else None
    if original is None:
        variables.pop(key, None)
    else:
        variables[key] = original
    while folder in path:
        path.remove(folder)
    sys.path_importer_cache.pop(folder, None)

    start()
    atexit.register(end)
    os._exit = ending(os._exit)
    os.execv = ending(os.execv)
    os.execve = inheriting(ending(os.execve))
    for name in ('posix_spawn', 'posix_spawnp'):
        if hasattr(os, name):
            setattr(os, name, inheriting(getattr(os, name)))
    if hasattr(os, 'register_at_fork'):
        os.register_at_fork(after_in_child=forked)
    if _posixsubprocess:
        fork_exec = _posixsubprocess.fork_exec
        def replaced(*words):
            try:
                env = words[5]
                if env is None and variables.get(key) != original:
                    env = [k + b'=' + v for k, v in list(variables.items())]
                if env is not None:
                    words = words[:5] + (with_hook(list(env)),) + words[6:]
            except Exception:
                pass
            return fork_exec(*words)
        _posixsubprocess.fork_exec = replaced
    if SourceFileLoader:
        path_stats = SourceFileLoader.path_stats
        def noted(self, name):
            seen.append(name)
            if state['worker']:
                try:
                    record([(b'M', encode(name))])
                except Exception:
                    pass
            return path_stats(self, name)
        SourceFileLoader.path_stats = noted

`.trimStart();

/**
 * `sitecustomize.py` beside `hook.py`. Compiling that takes each Python process of the run 2 ms, so what came of it is kept.
 * @param cache how the names of the files begin in which it is kept, one for each version of Python; null: nowhere
 */
export function pythonStarter(cache: string | null): string {
  // Python 2 and 3 read this as the same text.
  const kept = cache !== null && /^[\x20-\x7e]+$/.test(cache) ? JSON.stringify(cache) : "''";
  return `
def _corroborate(folder, kept):
    import marshal, os, sys
    code = None
    if kept:
        kept += '%s-%x' % (getattr(getattr(sys, 'implementation', None), 'cache_tag', None), sys.hexversion)
        try:
            with open(kept, 'rb') as file:
                code = marshal.loads(file.read())
        except Exception:
            pass
    if code is None:
        with open(folder + '/hook.py', 'rb') as file:
            code = compile(file.read(), '<corroborate>', 'exec')
        try:
            if kept:
                passing = '%s.%d' % (kept, os.getpid())
                with open(passing, 'wb') as file:
                    file.write(marshal.dumps(code))
                os.rename(passing, kept)
        except Exception:
            pass
    names = {}
    exec(code, names)
    names['_corroborate'](folder)

try:
    _corroborate(__file__.rpartition('/')[0], ${kept})
except Exception:
    pass
import sys
sys.modules.pop('sitecustomize', None)
import sitecustomize
`.trimStart();
}
