using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orchestrator.Local;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Migrations;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Ingress;
using Orchestrator.Tests.AmazonSqs;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Crash;

/// <summary>
/// A database and queues of one test, on which real service processes work. Barriers are advisory locks of that database: while the test
/// holds one, every process that obeys it waits there.
/// </summary>
internal sealed class CrashScene : IAsyncDisposable
{
    public const string Lane = "work";
    public const string BarriersVariable = "CRASH_BARRIERS";

    /// <summary>The handler has begun.</summary>
    public const long Running = 1;

    /// <summary>The effect is carried out, the outcome is not stored: the job is Finalizing.</summary>
    public const long Delivered = 2;

    /// <summary>Inside the transaction that ends the job.</summary>
    public const long Committing = 3;

    /// <summary>The wake-ups are sent and not marked; obeyed by nodes whose connections carry its number in the setting crash.holds.</summary>
    public const long Marking = 4;

    /// <summary>The process is there and not stamped on its job; obeyed as the one before.</summary>
    public const long Stamping = 5;

    // A node that lives keeps both, also on a busy machine; of one that does not they end soon enough for the test.
    private const string Visibility = "00:00:10", Lease = "00:00:05";

    private const string Tables =
        """
        CREATE SCHEMA crash; -- apart from what the service calls by such names
        CREATE TABLE crash.receipt (message text NOT NULL, receive_count int NOT NULL, pid int NOT NULL);
        CREATE TABLE crash.run (job uuid NOT NULL, run_id bigint NOT NULL, pid int NOT NULL);
        CREATE TABLE crash.delivery (job uuid PRIMARY KEY, times int NOT NULL DEFAULT 1);
        CREATE TABLE crash.output (job uuid NOT NULL, run_id bigint NOT NULL);

        CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF current_setting('crash.holds', true) = TG_ARGV[0] THEN
                PERFORM pg_advisory_xact_lock_shared(TG_ARGV[0]::bigint);
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER hold_marking BEFORE UPDATE ON orchestrator.job
            FOR EACH ROW WHEN (OLD.dispatched_at IS NULL AND NEW.dispatched_at IS NOT NULL) EXECUTE FUNCTION hold(4);
        CREATE TRIGGER hold_stamping BEFORE UPDATE ON orchestrator.job
            FOR EACH ROW WHEN (OLD.process_run IS NULL AND NEW.process_run IS NOT NULL) EXECUTE FUNCTION hold(5);
        """;

    private readonly string _transport;
    private readonly string _prefix = Shared.Unique("c") + "-";
    private readonly string _connectionString;
    private readonly Uri _serviceUrl;
    private readonly WebApplication _client;
    private readonly NpgsqlConnection _holder;
    private readonly IReadOnlyDictionary<string, string?> _settings;
    private readonly List<Command> _nodes = [];

    private CrashScene(
        string transport, string connectionString, Uri serviceUrl, IReadOnlyDictionary<string, string?> settings, WebApplication client, NpgsqlDataSource database, NpgsqlConnection holder)
    {
        (_transport, _connectionString, _serviceUrl, _settings, _client, Database, _holder) = (transport, connectionString, serviceUrl, settings, client, database, holder);
        Queues = new TestQueues(serviceUrl);
    }

    public NpgsqlDataSource Database { get; }

    public TestQueues Queues { get; }

    public string Queue => QueueOf(Lane);

    public string QueueOf(string lane) => _prefix + lane;

    /// <param name="transport">Of the wake-ups.</param>
    /// <param name="settings">Settings below <c>Orchestrator:</c> that all nodes have besides those of the scene, or instead; a null value is the default.</param>
    /// <param name="environment">Where all of it is; the one that the tests share if null.</param>
    /// <param name="databasePort">Where the nodes find the database, if not where it is.</param>
    public static async Task<CrashScene> SetAsync(
        string transport = "AmazonSqs", IReadOnlyDictionary<string, string?>? settings = null, LocalEnvironment? environment = null, int? databasePort = null)
    {
        environment ??= await Shared.Environment;
        settings ??= new Dictionary<string, string?>();
        var connectionString = await environment.CreateDatabaseAsync(Shared.Unique("crash"));
        var database = NpgsqlDataSource.Create(connectionString);
        await Migrator.ApplyAsync(database);
        await using (var tables = database.CreateCommand(Tables))
            await tables.ExecuteNonQueryAsync();

        var builder = OrchestratorHost.CreateBuilder([], configuration =>
        {
            configuration.Sources.Clear();
            configuration.AddInMemoryCollection(new Dictionary<string, string?> { [$"Orchestrator:Lanes:{Lane}:Permits"] = "2" });
            configuration.AddInMemoryCollection(settings.Where(setting => setting.Value is not null).Select(setting => KeyValuePair.Create("Orchestrator:" + setting.Key, setting.Value)));
            configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Orchestrator:Database:ConnectionString"] = connectionString });
        });
        builder.AddClient();
        var seen = new NpgsqlConnectionStringBuilder(connectionString);
        seen.Port = databasePort ?? seen.Port;
        return new CrashScene(transport, seen.ConnectionString, environment.ServiceUrl, settings, builder.Build(), database, await database.OpenConnectionAsync());
    }

    /// <summary>Starts a process and returns when its node is known.</summary>
    /// <param name="url">Where its SQS is, if not the emulator itself.</param>
    /// <param name="sweeps">Does it look after dead nodes?</param>
    /// <param name="barriers">Where it waits while the test holds them.</param>
    public Task<Command> StartNodeAsync(Uri? url = null, bool sweeps = true, params long[] barriers) => StartNodeAsync(url, sweeps, isQuick: false, barriers);

    /// <summary>Starts a process whose lane claims quick jobs along.</summary>
    public Task<Command> StartQuickNodeAsync() => StartNodeAsync(url: null, sweeps: true, isQuick: true);

    private async Task<Command> StartNodeAsync(Uri? url, bool sweeps, bool isQuick, params long[] barriers)
    {
        var connection = new NpgsqlConnectionStringBuilder(_connectionString);
        if (barriers.FirstOrDefault(barrier => barrier is Marking or Stamping) is > 0 and var held)
            connection.Options = $"-c crash.holds={held}";
        var environment = new Dictionary<string, string?>
        {
            [BarriersVariable] = string.Join(',', barriers),
            ["AWS_ACCESS_KEY_ID"] = "test",
            ["AWS_SECRET_ACCESS_KEY"] = "test",
            ["Orchestrator__Database__ConnectionString"] = connection.ConnectionString,
            ["Orchestrator__Database__MaxConnections"] = "20",
            ["Orchestrator__Bus__Transport"] = _transport,
            ["Orchestrator__Bus__ServiceUrl"] = (url ?? _serviceUrl).ToString(),
            ["Orchestrator__Bus__Prefix"] = _prefix,
            ["Orchestrator__Bus__LongPollSeconds"] = "1",
            ["Orchestrator__Http__Url"] = "http://127.0.0.1:0",
            ["Orchestrator__Dispatch__PollInterval"] = "00:00:00.300",
            ["Orchestrator__Node__Heartbeat"] = "00:00:00.500",
            ["Orchestrator__Node__Lease"] = Lease,
            ["Orchestrator__Sweeps__Enabled"] = sweeps ? "true" : "false",
            ["Orchestrator__Sweeps__NodeInterval"] = "00:00:00.500",
            [$"Orchestrator__Lanes__{Lane}__Permits"] = "2",
            [$"Orchestrator__Lanes__{Lane}__Prefetch"] = isQuick ? "50" : "2",
            [$"Orchestrator__Lanes__{Lane}__ClaimQuickAlong"] = isQuick ? "true" : "false",
            [$"Orchestrator__Lanes__{Lane}__MaxRunning"] = isQuick ? null : "50", // claims then pass the lane's row, where a test can hold them
            [$"Orchestrator__Lanes__{Lane}__Visibility"] = Visibility,
        };
        foreach (var (key, value) in _settings)
            environment["Orchestrator__" + key.Replace(":", "__", StringComparison.Ordinal)] = value;
        var node = Command.Start("dotnet", ["exec", typeof(CrashNode).Assembly.Location, CrashNode.Argument], environment: environment);
        _nodes.Add(node);
        await Eventually.IsTrueAsync(() => node.OutputSoFar.Contains("Application started", StringComparison.Ordinal), $"the node runs. It said: {node.OutputSoFar}");
        return node;
    }

    /// <summary>Jobs that deliver and store, and a third of them plain.</summary>
    public async Task<IReadOnlyList<Guid>> SubmitAsync(int count)
    {
        var requests = Enumerable.Range(0, count).Select(n => JobRequest.For(Lane, new CrashPayload(Plain: n % 3 == 2))).ToList();
        return await SubmitAsync(requests);
    }

    public async Task<IReadOnlyList<Guid>> SubmitAsync(IReadOnlyList<JobRequest> requests) =>
        [.. (await _client.Services.GetRequiredService<IJobClient>().SubmitAsync(requests)).Select(job => job.JobId)];

    public async Task<Job> JobAsync(Guid job)
    {
        await using var connection = await Database.OpenConnectionAsync();
        return (await JobLedger.GetAsync(connection, job, CancellationToken.None))!;
    }

    public Task HoldAsync(long barrier) => OnHolderAsync($"SELECT pg_advisory_lock({barrier})");

    public Task LetGoAsync() => OnHolderAsync("SELECT pg_advisory_unlock_all()");

    /// <summary>Waits until that many connections wait at barriers.</summary>
    public Task WaitingAsync(long atLeast) => Eventually.IsAsync(
        () => ScalarAsync("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"),
        waiting => waiting >= atLeast, $"{atLeast} wait at the barrier");

    public async Task KillAsync(Command node)
    {
        await node.SignalAsync("KILL");
        Assert.Equal(137, (await node.EndAsync()).ExitCode);
    }

    /// <summary>Every job has succeeded, each output is recorded once and by the last run, no queue holds anything, and no message came again from a node that lived.</summary>
    public async Task AllEndedOnceAsync(IReadOnlyList<Guid> jobs, Command dead)
    {
        await Eventually.IsAsync(() => ScalarAsync("SELECT count(*) FROM orchestrator.job WHERE state = 'Succeeded'"), ended => ended == jobs.Count, "every job has succeeded");

        Assert.Equal(jobs.Count, await ScalarAsync("SELECT count(*) FROM orchestrator.job"));
        Assert.Equal(0, await ScalarAsync("SELECT count(*) FROM orchestrator.job WHERE attempts > 0")); // a death of the node is not the work's fault
        Assert.Equal(0, await ScalarAsync("SELECT count(*) FROM orchestrator.job j WHERE (result->>'run')::bigint <> (SELECT max(run_id) FROM crash.run WHERE job = j.id)"));
        Assert.Equal(0, await ScalarAsync(
            "SELECT count(*) FROM orchestrator.job j WHERE (SELECT count(*) FROM crash.output WHERE job = j.id) <> CASE WHEN payload->>'plain' = 'true' THEN 0 ELSE 1 END"));
        Assert.Equal(0, await ScalarAsync("SELECT count(*) FROM crash.output o WHERE run_id <> (SELECT max(run_id) FROM crash.run WHERE job = o.job)"));
        // One death costs one loss, also a run that was claimed and had not come to its first line.
        Assert.Equal(0, await ScalarAsync(
            "SELECT count(*) FROM orchestrator.job j, LATERAL (SELECT count(DISTINCT run_id) AS begun FROM crash.run WHERE job = j.id) AS r WHERE losses NOT BETWEEN begun - 1 AND begun OR losses > 1"));
        if (_transport == "InMemory")
            return;

        await Eventually.IsAsync(() => Queues.CountAsync(Queue), count => count == 0, "the queue is empty");
        Assert.Equal(0, await Queues.CountAsync(Queue + "_dlq"));
        Assert.False(await Queues.ExistsAsync(Queue + "_error"));
        Assert.False(await Queues.ExistsAsync(Queue + "_skipped"));
        Assert.Equal(0, await ScalarAsync(
            $"SELECT count(*) FROM (SELECT FROM crash.receipt WHERE pid <> {dead.Pid} GROUP BY message HAVING count(*) > 1) AS twice"));
        Assert.InRange(await ScalarAsync("SELECT max(receive_count)::bigint FROM crash.receipt"), 1, 2);
    }

    /// <summary>How many of the nodes have said so.</summary>
    public int Said(string words) => _nodes.Count(node => node.OutputSoFar.Contains(words, StringComparison.Ordinal));

    /// <summary>How many runs were begun, by whom or by all.</summary>
    public Task<long> RunsAsync(Command? node = null) => ScalarAsync(node is null ? "SELECT count(*) FROM crash.run" : $"SELECT count(*) FROM crash.run WHERE pid = {node.Pid}");

    public async Task<long> ScalarAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            node.Dispose();
        Queues.Dispose();
        await _client.DisposeAsync();
        await _holder.DisposeAsync();
        await Database.DisposeAsync();
    }

    private async Task OnHolderAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _holder);
        await command.ExecuteNonQueryAsync();
    }
}
