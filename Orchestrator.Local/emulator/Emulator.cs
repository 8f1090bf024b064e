using System.Globalization;

namespace Orchestrator.Local;

/// <summary>SQS, SNS and S3 on one loopback port: a Node program of a few lines around the npm package fauxqs.</summary>
internal sealed class Emulator
{
    private readonly string _programs;
    private readonly string _folder;
    private readonly string _log;
    private readonly LocalEnvironmentOptions _options;
    private int _port;
    private Child? _server;

    public Emulator(string root, LocalEnvironmentOptions options)
    {
        _programs = ProgramsFolder(options.EmulatorFolder);
        _folder = Path.Combine(root, "emulator");
        _log = _folder + ".log";
        _options = options;
    }

    public Uri ServiceUrl => new($"http://127.0.0.1:{_port}/");

    public async Task StartAsync(CancellationToken ct)
    {
        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        for (var attempt = 1; ; attempt++)
        {
            _port = FreePort.Pick();
            _server = Serve();
            if (await AnswersAsync(ct))
                return;
            // Between the pick and the server's own bind another process may have taken the port.
            if (attempt == 3 || !_server.HasLogged("EADDRINUSE"))
                throw Failed("did not start");
            await StopAsync();
        }
    }

    public Task StopAsync() => LetGoAsync(server => server.StopAsync("TERM"));

    public Task EndAsync() => LetGoAsync(server => server.EndAsync());

    private async Task LetGoAsync(Func<Child, Task> how)
    {
        if (_server is { } server)
            await how(server);
        _server = null;
    }

    public async Task StartAgainAsync(CancellationToken ct)
    {
        if (_server is { HasExited: false })
            throw new InvalidOperationException("The emulator is running already; stop it before it is started again.");
        File.Delete(_log); // its last line "listening" is of the run before
        _server = Serve();
        if (!await AnswersAsync(ct))
            throw Failed($"did not start again on port {_port}");
    }

    private Child Serve()
    {
        List<string> arguments = [Path.Combine(_programs, "launcher.mjs"), _port.ToString(CultureInfo.InvariantCulture)];
        if (_options.PersistentEmulator)
            arguments.Add(_folder);
        return Child.Start(_folder, _log, "TERM", null, Node(_programs), arguments);
    }

    private async Task<bool> AnswersAsync(CancellationToken ct)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!_server!.HasExited && TimeProvider.System.GetElapsedTime(started) < _options.StartTimeout)
        {
            // Its own line in its own log: a stranger that listens on the port could answer a request.
            if (_server.HasLogged($"listening on {_port}"))
                return true;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ct);
        }
        return false;
    }

    private static string Node(string programs) => Path.Combine(programs, "node_modules", ".bin", "node");

    /// <summary>The folder in the repository, where npm has put the packages; the build's output has no copy of those.</summary>
    private static string ProgramsFolder(string? configured)
    {
        configured ??= RepositoryFile.Find("Orchestrator.Local/emulator/launcher.mjs") is { } launcher ? Path.GetDirectoryName(launcher) : null;
        if (configured is null || !File.Exists(Path.Combine(configured, "launcher.mjs")))
            throw new CannotStartException($"The emulator can't be started: {configured ?? $"no Orchestrator.Local/emulator above {AppContext.BaseDirectory}"} holds no launcher.mjs. Start from a clone of the repository, or name that folder in EmulatorFolder.");
        if (!File.Exists(Node(configured)) || !Directory.Exists(Path.Combine(configured, "node_modules", "fauxqs")))
            throw new CannotStartException($"The emulator can't be started: its packages are not installed in {configured}. Run ./test or ./run once, or there: npm ci --ignore-scripts");
        return Path.GetFullPath(configured);
    }

    private CannotStartException Failed(string what)
        => new($"The emulator ({_programs}) {what}. The end of its log:\n{_server?.Tail()}\nIf packages are missing or broken, run there: npm ci --ignore-scripts");
}
