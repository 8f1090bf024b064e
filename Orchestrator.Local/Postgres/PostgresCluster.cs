using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Npgsql;

namespace Orchestrator.Local;

/// <summary>A private PostgreSQL cluster on a loopback port with a random password.</summary>
internal sealed class PostgresCluster
{
    private const string User = "orchestrator";
    private const string ServerUser = "postgres"; // PostgreSQL refuses to run as root

    private readonly string _programs;
    private readonly string _folder;
    private readonly string _log;
    private readonly LocalEnvironmentOptions _options;
    private readonly string _password = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private int _port;
    private Child? _server;

    public PostgresCluster(string root, LocalEnvironmentOptions options)
    {
        _programs = PostgresPrograms.Folder(options.PostgresFolder);
        _folder = Path.Combine(root, "postgres");
        _log = _folder + ".log";
        _options = options;
    }

    private static string? OtherUser => Environment.IsPrivilegedProcess ? ServerUser : null;

    public async Task StartAsync(CancellationToken ct)
    {
        await CreateAsync(ct);
        for (var attempt = 1; ; attempt++)
        {
            _port = FreePort.Pick();
            _server = Serve();
            if (await AnswersAsync(ct))
                return;
            // Between the pick and the server's own bind another process may have taken the port.
            if (attempt == 3 || !_server.HasLogged("could not bind"))
                throw Failed("did not start");
            await StopAsync();
        }
    }

    public async Task StartAgainAsync(CancellationToken ct)
    {
        if (_server is { HasExited: false })
            throw new InvalidOperationException("PostgreSQL is running already; stop it before it is started again.");
        _server = Serve();
        if (!await AnswersAsync(ct))
            throw Failed($"did not start again on port {_port}");
    }

    public string ConnectionStringOf(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _port,
        Username = User,
        Password = _password,
        Database = database,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    public string UriOf(string database) => $"postgresql://{User}:{_password}@127.0.0.1:{_port}/{Uri.EscapeDataString(database)}";

    public async Task CreateDatabaseAsync(string name, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(Unpooled("postgres"));
        await connection.OpenAsync(ct);
        await using var quoting = new NpgsqlCommand("SELECT format('CREATE DATABASE %I', @name)", connection) { Parameters = { new("name", name) } };
        var create = (string)(await quoting.ExecuteScalarAsync(ct))!;
        await using var command = new NpgsqlCommand(create, connection); // no parameters in DDL: the server has quoted the name
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Ends every connection at once, as a failover does, but leaves the data clean.</summary>
    public Task StopAsync() => LetGoAsync(server => server.StopAsync("INT"));

    /// <summary>Ends without a checkpoint, so that the next start recovers from the log.</summary>
    public Task CrashAsync() => LetGoAsync(server => server.StopAsync("QUIT"));

    public Task EndAsync() => LetGoAsync(server => server.EndAsync());

    private async Task LetGoAsync(Func<Child, Task> how)
    {
        if (_server is { } server)
            await how(server);
        _server = null;
    }

    private async Task CreateAsync(CancellationToken ct)
    {
        if (OtherUser is { } user)
            await MakeFolderForAsync(user, ct);
        else
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var passwordFile = Path.Combine(_folder, "password"); // its folder keeps others out
        await File.WriteAllTextAsync(passwordFile, _password, ct);
        var initdb = Child.Start(_folder, _log, "TERM", OtherUser, Path.Combine(_programs, "initdb"), [
            "-D", Path.Combine(_folder, "data"), "-U", User, "--pwfile=" + passwordFile, "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]);
        _server = initdb;
        await initdb.WaitForExitAsync(ct);
        File.Delete(passwordFile);
        if (initdb.ExitCode == 0)
            await StopAsync();
        else
            throw Failed($"could not create its data folder (initdb ended with {initdb.ExitCode})");
    }

    private async Task MakeFolderForAsync(string user, CancellationToken ct)
    {
        using var install = Process.Start(new ProcessStartInfo("install", ["-d", "-o", user, "-m", "700", "--", _folder]) { RedirectStandardError = true })!;
        var errors = await install.StandardError.ReadToEndAsync(ct);
        await install.WaitForExitAsync(ct);
        if (install.ExitCode != 0)
            throw new CannotStartException($"PostgreSQL can't be started: {_folder} can't be given to the user {user}, as which it runs because it refuses root: {errors.Trim()}. Install the server (apt-get install postgresql), which makes that user.");
    }

    private Child Serve()
    {
        List<string> arguments = [
            "-D", Path.Combine(_folder, "data"), "-p", _port.ToString(CultureInfo.InvariantCulture),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=400", "-c", "log_min_messages=warning"];
        // Without fsync a crash of the server loses nothing, only one of the machine does. Commits still reach the
        // operating system before they are answered, so tests that kill the server stay honest.
        if (!_options.Durable)
            arguments.AddRange(["-c", "fsync=off", "-c", "full_page_writes=off"]);
        return Child.Start(_folder, _log, "QUIT", OtherUser, Path.Combine(_programs, "postgres"), arguments);
    }

    private async Task<bool> AnswersAsync(CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(_options.StartTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, ct);
        while (!_server!.HasExited)
        {
            try
            {
                // Only our own server knows the password, so a stranger on the port is not taken for it.
                await using var connection = new NpgsqlConnection(Unpooled("postgres"));
                await connection.OpenAsync(either.Token);
                return true;
            }
            catch (NpgsqlException)
            {
                // not yet
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return false;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ct);
        }
        return false;
    }

    private string Unpooled(string database) => new NpgsqlConnectionStringBuilder(ConnectionStringOf(database)) { Pooling = false }.ConnectionString;

    private CannotStartException Failed(string what)
        => new($"PostgreSQL ({_programs}) {what}. The end of its log:\n{_server?.Tail()}\nIf the log names a missing permission, check that the user {OtherUser ?? Environment.UserName} can reach the temporary folder.");
}
