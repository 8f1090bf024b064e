using System.Globalization;
using Npgsql;
using Orchestrator.Local;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Local;

public sealed class LocalEnvironmentTests
{
    [Fact]
    public async Task A_database_made_by_name_is_there_and_empty()
    {
        var environment = await Shared.Environment;
        var name = Shared.Unique("odd \"name\" ä");

        await using var source = NpgsqlDataSource.Create(await environment.CreateDatabaseAsync(name));

        Assert.Equal(name, await source.CreateCommand("SELECT current_database()").ExecuteScalarAsync());
        Assert.Equal(0L, await source.CreateCommand("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").ExecuteScalarAsync());
    }

    [Fact]
    public async Task The_database_does_not_run_as_root()
    {
        var environment = await Shared.Environment;
        await using var source = NpgsqlDataSource.Create(environment.ConnectionString);

        var pid = await source.CreateCommand("SELECT pg_backend_pid()").ExecuteScalarAsync();

        var user = File.ReadLines($"/proc/{pid}/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal));
        Assert.DoesNotContain("0", user.Split('\t')[1..]);
    }

    [Fact]
    public async Task The_database_asks_for_the_password()
    {
        var environment = await Shared.Environment;
        var stranger = new NpgsqlConnectionStringBuilder(environment.ConnectionString) { Password = "guessed", Pooling = false };
        await using var connection = new NpgsqlConnection(stranger.ConnectionString);

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync());

        Assert.Equal(PostgresErrorCodes.InvalidPassword, refusal.SqlState);
    }

    [Fact]
    [Trait("Requirement", "SEC-1")]
    public async Task Both_children_listen_on_loopback_only()
    {
        var environment = await Shared.Environment;
        foreach (var port in new[] { environment.ServiceUrl.Port, new NpgsqlConnectionStringBuilder(environment.ConnectionString).Port })
            Assert.Equal(["0100007F"], ListenersOn(port)); // 127.0.0.1 as the kernel writes it
    }

    [Fact]
    public async Task Two_environments_do_not_disturb_each_other()
    {
        using var folder = new TemporaryFolder();
        var starts = await Task.WhenAll(StartAsync(folder), StartAsync(folder));
        await using var lasting = starts[0];

        await starts[1].DisposeAsync();

        Assert.Equal(1, await AskAsync(lasting.ConnectionString, "SELECT 1"));
        Assert.True(await AnswersAsync(lasting.ServiceUrl));
        Assert.False(await AnswersAsync(starts[1].ServiceUrl));
        Assert.Single(Directory.GetDirectories(folder.Path));
    }

    [Fact]
    public async Task A_restarted_child_has_its_old_address_and_the_database_its_data()
    {
        using var folder = new TemporaryFolder();
        await using var environment = await StartAsync(folder, options => options.PersistentEmulator = true);
        using var notifier = new S3Notifier(environment.ServiceUrl, "kept", "unused", TimeProvider.System);
        await notifier.CreateBucketAsync();
        await AskAsync(environment.ConnectionString, "CREATE TABLE kept (n int)");

        await environment.RestartPostgresAsync();
        await AskAsync(environment.ConnectionString, "INSERT INTO kept VALUES (7)");
        await environment.CrashPostgresAsync();
        await environment.StartPostgresAsync();
        await environment.RestartEmulatorAsync();

        Assert.Equal(7, await AskAsync(environment.ConnectionString, "SELECT n FROM kept"));
        using var http = new HttpClient();
        Assert.Contains("<Name>kept</Name>", await http.GetStringAsync(environment.ServiceUrl), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_database_server_is_named_with_the_remedy()
    {
        using var folder = new TemporaryFolder();

        var failure = await Assert.ThrowsAsync<CannotStartException>(() => StartAsync(folder, options => options.PostgresFolder = folder.Path));

        Assert.Contains($"{folder.Path} (PostgresFolder) holds no initdb and postgres", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(folder.Path));
    }

    [Fact]
    public async Task Missing_packages_of_the_emulator_are_named_with_the_remedy()
    {
        using var folder = new TemporaryFolder();
        using var programs = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(programs.Path, "launcher.mjs"), "");

        var failure = await Assert.ThrowsAsync<CannotStartException>(() => StartAsync(folder, options => options.EmulatorFolder = programs.Path));

        Assert.Contains($"not installed in {programs.Path}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("npm ci", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(folder.Path));
    }

    [Fact]
    public async Task A_child_that_ends_at_once_is_shown_with_its_last_words_and_takes_the_other_along()
    {
        using var folder = new TemporaryFolder();
        using var programs = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(programs.Path, "launcher.mjs"), "throw new Error('no emulator today')");
        Directory.CreateSymbolicLink(Path.Combine(programs.Path, "node_modules"), Path.Combine(Repository.Root, "Orchestrator.Local", "emulator", "node_modules"));

        var failure = await Assert.ThrowsAsync<CannotStartException>(() => StartAsync(folder, options => options.EmulatorFolder = programs.Path));

        Assert.Contains("no emulator today", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(folder.Path));
        Assert.Empty(Command.LinesOfProcessesIn(folder.Path));
    }

    [Fact]
    public async Task A_start_removes_what_dead_processes_left_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        using var dead = Command.Start("true", []);
        await dead.EndAsync();
        var left = Directory.CreateDirectory(Path.Combine(folder.Path, $"orchestrator-local-{dead.Pid}-1-0000"));
        var reusedPid = Directory.CreateDirectory(Path.Combine(folder.Path, $"orchestrator-local-{Environment.ProcessId}-1-0000"));
        var foreign = Directory.CreateDirectory(Path.Combine(folder.Path, "orchestrator-local-notes"));

        await using var environment = await StartAsync(folder);

        Assert.False(Directory.Exists(left.FullName));
        Assert.False(Directory.Exists(reusedPid.FullName));
        Assert.True(Directory.Exists(foreign.FullName));
    }

    private static Task<LocalEnvironment> StartAsync(TemporaryFolder folder, Action<LocalEnvironmentOptions>? configure = null)
    {
        var options = new LocalEnvironmentOptions { Durable = false, TemporaryFolder = folder.Path };
        configure?.Invoke(options);
        return LocalEnvironment.StartAsync(options);
    }

    private static async Task<object?> AskAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private static async Task<bool> AnswersAsync(Uri serviceUrl)
    {
        using var http = new HttpClient();
        try
        {
            return (await http.GetAsync(new Uri(serviceUrl, "/health"))).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static List<string> ListenersOn(int port)
    {
        const string Listening = "0A";
        return [.. File.ReadLines("/proc/net/tcp").Skip(1).Concat(File.ReadLines("/proc/net/tcp6").Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == Listening)
            .Select(fields => fields[1].Split(':'))
            .Where(address => int.Parse(address[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) == port)
            .Select(address => address[0])];
    }
}
