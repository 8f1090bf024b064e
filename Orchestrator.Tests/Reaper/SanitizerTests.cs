using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Service.Reaper;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Engine;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Reaper;

/// <summary>The incident: a queued job that kept its owner. The constraint is dropped by hand, as a person might.</summary>
[Trait("Requirement", "OWN-5")]
public sealed class SanitizerTests
{
    private const string Phantom =
        """
        UPDATE orchestrator.job SET run_id = 35, owner_node = gen_random_uuid(), owner_host = 'gone', owner_pid = 42, owner_process_start = 1, started_at = now()
        WHERE id = $1
        """;

    [Fact]
    public async Task A_queued_job_with_an_owner_is_healed_counted_and_runs()
    {
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), settings: ("Lanes:work:MaxRunning", "1"));
        await node.ExecuteAsync("ALTER TABLE orchestrator.job DROP CONSTRAINT ck_job_queued_has_no_owner");
        await node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = now()");
        var job = await node.SubmitAsync();
        await Eventually.IsAsync(() => node.ExecuteAsync(Phantom + " AND dispatched_at IS NULL", job), rows => rows == 1, "the phantom is made");
        var sanitizer = node.Services.GetRequiredService<Sanitizer>();

        Assert.Equal(1, await sanitizer.HealAsync(CancellationToken.None));

        Assert.Equal(1L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE state = 'Queued' AND run_id IS NULL AND owner_node IS NULL AND owner_host IS NULL AND owner_pid IS NULL AND owner_process_start IS NULL AND started_at IS NULL"));
        Assert.Equal((1L, false), (sanitizer.Seen.ImpossibleQueuedTotal, sanitizer.Seen.Last!.ConstraintStands));
        await node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = NULL");
        await node.BecomesAsync(job, "Succeeded");
    }

    [Fact]
    public async Task A_node_heals_at_its_start_even_where_the_sweep_is_switched_off()
    {
        await using var first = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()));
        await first.ExecuteAsync("ALTER TABLE orchestrator.job DROP CONSTRAINT ck_job_queued_has_no_owner");
        await first.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = now()");
        var job = await first.SubmitAsync();
        await Eventually.IsAsync(() => first.ExecuteAsync(Phantom + " AND dispatched_at IS NULL", job), rows => rows == 1, "the phantom is made");

        await using var second = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), first, ("Reaper:SanitizerEnabled", "false"));

        Assert.Equal(1L, second.Services.GetRequiredService<Sanitizer>().Seen.ImpossibleQueuedTotal);
        Assert.Null((await first.Jobs.GetAsync(job))!.RunId);
    }
}
