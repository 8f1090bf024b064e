using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orchestrator.AmazonSqs;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Run;

namespace Orchestrator.Tests.Crash;

/// <summary>
/// The process that the crash tests kill: a real node, set up by environment variables as any other. It writes down each message that
/// it receives and each run that it begins, and waits at the barriers that it was told to obey for as long as the test holds them.
/// </summary>
internal static class CrashNode
{
    public const string Argument = "node";

    public static async Task<int> RunAsync()
    {
        var builder = OrchestratorHost.CreateBuilder([]);
        foreach (var lane in builder.Configuration.GetSection("Orchestrator:Lanes").GetChildren().Where(lane => !lane.GetSection("Commands").Exists()))
            builder.Services.AddLane<CrashHandler>(lane.Key);
        builder.Services.AddSingleton<Notebook>();
        builder.Services.AddReceiveObserver<ReceiptObserver>();
        builder.AddNode();
        await using var app = builder.Build();
        app.MapOrchestrator();
        await app.RunAsync();
        return 0;
    }

    /// <summary>What the test reads afterwards, written past every transaction of the engine.</summary>
    private sealed class Notebook(NpgsqlDataSource database)
    {
        private readonly HashSet<long> _obeyed =
            [.. (Environment.GetEnvironmentVariable(CrashScene.BarriersVariable) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)];

        public async Task ReceivedAsync(string message, int receiveCount)
        {
            try
            {
                await WriteAsync("INSERT INTO crash.receipt (message, receive_count, pid) VALUES ($1, $2, $3)", message, receiveCount, Environment.ProcessId);
            }
            catch (NpgsqlException)
            {
                // A fault of the notebook must not become one of the message. Tests that count receipts leave the database alone.
            }
        }

        public Task BegunAsync(JobRun run) => WriteAsync(
            "INSERT INTO crash.run (job, run_id, pid) VALUES ($1, $2, $3)", run.JobId, run.RunId, Environment.ProcessId);

        /// <summary>An effect outside of the engine's transactions that is the same however often it is carried out.</summary>
        public Task DeliverAsync(JobRun run) => WriteAsync(
            "INSERT INTO crash.delivery (job) VALUES ($1) ON CONFLICT (job) DO UPDATE SET times = delivery.times + 1", run.JobId);

        public async Task PassAsync(long barrier)
        {
            if (_obeyed.Contains(barrier))
                await WriteAsync("SELECT pg_advisory_xact_lock_shared($1)", barrier);
        }

        private async Task WriteAsync(string sql, params object[] values)
        {
            await using var command = database.CreateCommand(sql);
            foreach (var value in values)
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync();
        }
    }

    // Looks at no token: a run that goes on although it was told to stop is what the fence is for.
    private sealed class CrashHandler(Notebook notebook) : IJobHandler
    {
        public async Task<JobOutcome> RunAsync(JobRun run, CancellationToken cancellation)
        {
            await notebook.BegunAsync(run);
            await notebook.PassAsync(CrashScene.Running);
            var payload = run.Read<CrashPayload>();
            if (payload.Takes is { } takes)
                await Task.Delay(takes, TimeProvider.System, CancellationToken.None);
            if (payload.Plain)
                return JobOutcome.Done(new { run = run.RunId });

            return JobOutcome.Deliver(
                async _ =>
                {
                    await notebook.DeliverAsync(run);
                    await notebook.PassAsync(CrashScene.Delivered);
                },
                async (scope, ct) =>
                {
                    await using var output = new NpgsqlCommand("INSERT INTO crash.output (job, run_id) VALUES ($1, $2)", scope.Connection, scope.Transaction);
                    output.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = run.JobId });
                    output.Parameters.Add(new NpgsqlParameter<long> { TypedValue = run.RunId });
                    await output.ExecuteNonQueryAsync(ct);
                    await notebook.PassAsync(CrashScene.Committing);
                },
                new { run = run.RunId });
        }
    }

    private sealed class ReceiptObserver(Notebook notebook) : IReceiveObserver
    {
        public Task PreReceive(ReceiveContext context) => context.TryGetPayload<MessageLease>(out var lease)
            ? notebook.ReceivedAsync(lease.MessageId, lease.ReceiveCount)
            : Task.CompletedTask;

        public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
            where T : class => Task.CompletedTask;

        public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
            where T : class => Task.CompletedTask;

        public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;
    }
}

/// <param name="Plain">Ends without an effect and without anything to store; otherwise it delivers and stores.</param>
/// <param name="Takes">How long it works.</param>
internal sealed record CrashPayload(bool Plain, TimeSpan? Takes = null);
