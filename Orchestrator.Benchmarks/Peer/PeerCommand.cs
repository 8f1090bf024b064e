using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Run;

namespace Orchestrator.Benchmarks.Peer;

/// <summary>The command line of a peer, so that the driver that measures the others measures us in the same way.</summary>
internal static class PeerCommand
{
    private const int SubmitBatch = 1000;

    private static readonly string ConnectionString =
        $"Host=127.0.0.1;Port={Variable("PEERS_PG_PORT", "5480")};Username=postgres;Database={Variable("PEERS_DB", "peers")}";

    public static async Task<int> RunAsync(IReadOnlyList<string> rest)
    {
        var arguments = new Arguments(rest);
        switch (arguments.Verb)
        {
            case "reset":
                await BenchNode.ResetAsync(ConnectionString);
                return 0;
            case "enqueue":
                await EnqueueAsync(arguments);
                return 0;
            case "serve":
                await ServeAsync(arguments);
                return 0;
            case "work":
                await WorkAsync(arguments);
                return 0;
            case "remaining":
                await RemainingAsync();
                return 0;
            default:
                Console.Error.WriteLine("peer reset|enqueue --n N [--from I] [--delay S]|serve --log F|work --log F --conc 10 [--sleep MS]|remaining [--variant inmemory|sqs]");
                return 64; // EX_USAGE
        }
    }

    private static async Task EnqueueAsync(Arguments arguments)
    {
        int n = arguments.Number("n", 1), from = arguments.Number("from", 0), delay = arguments.Number("delay", 0);
        await using var client = BenchNode.Client(await SettingsAsync(arguments));
        var jobs = client.Services.GetRequiredService<IJobClient>();
        var began = Stopwatch.GetTimestamp();
        DateTimeOffset? at = delay > 0 ? TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(delay) : null;
        foreach (var ids in Enumerable.Range(from, n).Chunk(SubmitBatch))
            await jobs.SubmitAsync([.. ids.Select(id => Request(id) with { AvailableAt = at })]);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await client.Services.GetRequiredService<WorkSignal>().DisposeAsync(); // the workers are told before the process ends
        Say(new { n, seconds });
    }

    private static async Task ServeAsync(Arguments arguments)
    {
        var log = new EventLog(arguments.Text("log", "peer.log"), TimeProvider.System);
        await using var client = BenchNode.Client(await SettingsAsync(arguments));
        var jobs = client.Services.GetRequiredService<IJobClient>();
        Say(new { ready = true });
        while (await Console.In.ReadLineAsync() is { } line && line != "quit")
        {
            var id = long.Parse(line, CultureInfo.InvariantCulture);
            log.Submitting(id);
            await jobs.SubmitAsync(Request(id));
        }
    }

    private static async Task WorkAsync(Arguments arguments)
    {
        var log = new EventLog(arguments.Text("log", "peer.log"), TimeProvider.System);
        var sleep = TimeSpan.FromMilliseconds(arguments.Number("sleep", 0));
        await using var worker = BenchNode.Worker(await SettingsAsync(arguments), async (run, cancellation) =>
        {
            var id = run.Read<Numbered>().I;
            log.Started(id);
            if (sleep > TimeSpan.Zero)
            {
                await Task.Delay(sleep, TimeProvider.System, cancellation);
                log.Ended(id);
            }

            return JobOutcome.Done();
        });
        await worker.StartAsync();
        Say(new { ready = true });
        await worker.WaitForShutdownAsync();
    }

    private static async Task RemainingAsync()
    {
        await using var database = NpgsqlDataSource.Create(ConnectionString);
        await using var command = database.CreateCommand(
            """
            SELECT count(*) FILTER (WHERE state IN ('Running', 'Finalizing') OR state = 'Queued' AND available_at <= now()),
                   count(*) FILTER (WHERE state IN ('Running', 'Finalizing')),
                   count(*) FILTER (WHERE state IN ('Failed', 'Held'))
            FROM orchestrator.job WHERE state IN ('Queued', 'Running', 'Finalizing', 'Failed', 'Held')
            """);
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        Say(new { due = row.GetInt64(0), active = row.GetInt64(1), failed = row.GetInt64(2) });
    }

    // Each reset makes a new schema and so a new prefix: no wake-up of an earlier run can reach a later one.
    private static async Task<Dictionary<string, string?>> SettingsAsync(Arguments arguments)
    {
        await using var database = NpgsqlDataSource.Create(ConnectionString);
        await using var command = database.CreateCommand("SELECT oid::bigint FROM pg_namespace WHERE nspname = 'orchestrator'");
        var life = await command.ExecuteScalarAsync() ?? throw new InvalidOperationException($"{ConnectionString} has no schema orchestrator. Run 'peer reset' first.");
        var transport = arguments.Text("variant", "inmemory") == "sqs" ? BusTransport.AmazonSqs : BusTransport.InMemory;
        var settings = BenchNode.Settings(ConnectionString, transport, $"http://127.0.0.1:{Variable("PEERS_SQS_PORT", "4580")}", arguments.Number("conc", 10));
        settings["Orchestrator:Bus:Prefix"] = $"bench{life}-";
        return settings;
    }

    private static JobRequest Request(long id) => JobRequest.For(BenchNode.Lane, new Numbered(id));

    private static string Variable(string name, string otherwise) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : otherwise;

    private static void Say(object answer) => Console.WriteLine(JsonSerializer.Serialize(answer));

    private sealed record Numbered(long I);
}
