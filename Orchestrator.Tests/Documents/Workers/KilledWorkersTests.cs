using System.Diagnostics;
using Npgsql;
using Orchestrator.Local;
using Orchestrator.Local.Nodes;
using Orchestrator.Local.Replay;
using Orchestrator.Tests.AmazonSqs;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Workers;

public sealed class KilledWorkersTests
{
    private static readonly string[] Lanes = ["ingestion", "matching", "diagnostics-recompute", "document-output"];

    [Fact]
    [Trait("Requirement", "DOC-2")]
    [Trait("Requirement", "DOC-3")]
    [Trait("Requirement", "PROT-6")]
    public async Task Nodes_that_are_killed_while_they_cut_read_and_write_lose_no_document_and_make_none_twice()
    {
        var environment = await Shared.Environment;
        var connectionString = await environment.CreateDatabaseAsync(Shared.Unique("killed"));
        await using var database = NpgsqlDataSource.Create(connectionString);
        var (bucket, prefix) = (Shared.Unique("killed"), Shared.Unique("k") + "-");
        var settings = Settings(connectionString, environment.ServiceUrl, bucket, prefix);
        using var notifier = new S3Notifier(environment.ServiceUrl, bucket, prefix + "acquisition", TimeProvider.System);
        await notifier.CreateBucketAsync();

        var node = await ServiceProcess.StartAsync(settings);
        try
        {
            await using (var file = File.OpenRead(Path.Combine(Repository.Root, "samples", "22-invoices.pdf")))
                await notifier.PutAsync("22.pdf", file);
            string[] moments =
            [
                "SELECT count(*) FROM orchestrator.job WHERE lane = 'ingestion' AND state = 'Running'", // cuts
                "SELECT count(*) FROM orchestrator.extraction",                                         // has read one and reads others
                "SELECT count(*) FROM orchestrator.diagnostic WHERE ordinal = 1 OFFSET 0",              // judges and writes
            ];
            foreach (var moment in moments)
            {
                await Eventually.IsAsync(() => CountAsync(database, moment), count => count > 0, moment);
                using var process = Process.GetProcessById((int)await CountAsync(database, "SELECT pid::bigint FROM orchestrator.node WHERE dead_at IS NULL ORDER BY started_at DESC LIMIT 1"));
                process.Kill();
                await node.DisposeAsync();
                node = await ServiceProcess.StartAsync(settings);
            }

            await Eventually.IsAsync(() => CountAsync(database, "SELECT count(*) FROM orchestrator.document WHERE status IN ('received', 'extracted', 'matched')"), left => left == 0, "all documents are through");
            await Eventually.IsAsync(() => CountAsync(database, "SELECT count(*) FROM orchestrator.job WHERE ended_at IS NULL"), left => left == 0, "all jobs have ended");
        }
        finally
        {
            await node.DisposeAsync();
        }

        Assert.Equal(1, await CountAsync(database, "SELECT count(*) FROM orchestrator.document_source"));
        Assert.Equal(22, await CountAsync(database, "SELECT count(*) FROM orchestrator.document WHERE parent_id IS NOT NULL"));
        Assert.Equal(22, await CountAsync(database, "SELECT count(*) FROM orchestrator.extraction WHERE revision = 1"));
        Assert.Equal(0, await CountAsync(database, "SELECT count(*) FROM orchestrator.job WHERE state <> 'Succeeded'"));
        Assert.True(await CountAsync(database, "SELECT sum(losses)::bigint FROM orchestrator.job") > 0, "no run was lost, so nothing was shown");
        using var queues = new TestQueues(environment.ServiceUrl);
        foreach (var queue in Lanes.Append("acquisition"))
            Assert.Equal(0, await queues.CountAsync($"{prefix}{queue}_dlq"));
    }

    private static Dictionary<string, string> Settings(string database, Uri address, string bucket, string prefix)
    {
        var settings = new Dictionary<string, string>
        {
            ["Database:ConnectionString"] = database,
            ["Bus:ServiceUrl"] = address.ToString(),
            ["Bus:Prefix"] = prefix,
            ["Bus:LongPollSeconds"] = "1",
            ["Documents:Bucket"] = bucket,
            ["Documents:Latency:Min"] = "00:00:00.300",
            ["Documents:Latency:Max"] = "00:00:00.600",
            ["Documents:Matching:FirstRetry"] = "00:00:00.100",
            ["Documents:Matching:MaxAttempts"] = "2",
            ["Node:Heartbeat"] = "00:00:00.500",
            ["Node:Lease"] = "00:00:05",
            ["Dispatch:PollInterval"] = "00:00:00.500",
        };
        foreach (var lane in Lanes)
        {
            settings[$"Lanes:{lane}:Visibility"] = "00:00:05";
            settings[$"Lanes:{lane}:MaxReceiveCount"] = "10"; // each kill spends a receive of what was held
        }

        return settings;
    }

    private static async Task<long> CountAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
