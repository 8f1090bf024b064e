using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Contracts;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Engine;
using Orchestrator.Tests.Infrastructure;
using static Orchestrator.Tests.Delivery.TaskScene;

namespace Orchestrator.Tests.Delivery.Tasks;

/// <summary>Tasks on their way through the pipeline, with agents that are real processes.</summary>
public sealed class TaskFlowTests : IDisposable
{
    // Fails the first test run, as a developer's mistake would.
    private const string Agent = """
        set -e
        case $1 in
          analysis)       printf '# Analysis\n\nIt adds numbers.\n' > .task/01-analysis.md ;;
          architecture)   printf '# Architecture\n\nOne function.\n' > .task/02-architecture.md ;;
          development)    grep -q 'sent back' .task/prompt.md && echo mended > work || echo broken > work
                          printf '# Changes\n\n- one\n' > .task/03-changes.md ;;
          review)         printf 'verdict: APPROVED\n' > .task/12-review.md ;;
          testing)        if grep -q mended work; then printf 'result: PASS\n'; else printf 'result: FAIL\n\n2 + 2 was 5\n'; fi > .task/13-test-report.md ;;
          deploy-staging) printf 'staging_status: SUCCESS\n' > .task/15-staging-log.md ;;
        esac
        """;

    private readonly TaskScene _scene = new() { Script = Agent };

    [Theory]
    [InlineData("InMemory")]
    [InlineData("AmazonSqs")]
    [Trait("Requirement", "FLOW-1")]
    [Trait("Requirement", "FLOW-3")]
    public async Task A_task_passes_all_stages_and_what_fails_its_tests_goes_back_once_with_what_was_wrong(string transport)
    {
        var settings = transport == "AmazonSqs" ? EngineNode.OnSqs(Shared.Unique("flow") + "-") : [];
        await using var node = await _scene.StartAsync((_, work, _) => Task.FromResult(work.Stage == "deploy"
            ? Leaving(work, "16-merge.md", "merge: DONE") : Leaving(work, "17-post-deploy.md", "health: GOOD")), null, settings);

        var id = await OpenAsync(node, title: "Add numbers");

        var task = await BecomesAsync(node, id, "Done");
        Assert.Equal((1, "post-deploy"), (task.Retries, task.Stage));
        var timeline = await TimelineAsync(node, id);
        Assert.Equal(
            ["analysis Opened", "analysis Advanced", "architecture Advanced", "development Advanced", "review Advanced", "testing SentBack", "development Advanced", "review Advanced",
             "testing Advanced", "deploy-staging Advanced", "deploy Advanced", "post-deploy Completed"],
            timeline.Select(line => $"{line.Stage} {line.What}"));
        Assert.Contains("2 + 2 was 5", timeline.Single(line => line.What == "SentBack").Detail);
        Assert.Equal(11L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job"));
    }

    [Fact]
    [Trait("Requirement", "FLOW-1")]
    public async Task A_task_that_fails_again_and_again_has_failed_when_no_retry_is_left_and_a_person_may_begin_its_stage_anew()
    {
        _scene.Pipeline = "retries: 2\nstages:\n  - {name: only, agent: agent, prompt: testing.md, gates: [check_tests_passed], on-failure: only}\n";
        _scene.Script = $"[ -e {_scene.Folder}/good ] && echo 'result: PASS' > .task/13-test-report.md || echo 'result: FAIL' > .task/13-test-report.md";
        await using var node = await _scene.StartAsync((_, _, _) => Task.FromResult(JobOutcome.Done()));
        var id = await OpenAsync(node);

        var failed = await BecomesAsync(node, id, "Failed");
        Assert.Equal(2, failed.Retries);
        Assert.Contains("none of 2 retries is left", failed.Reason);
        await File.WriteAllTextAsync(Path.Combine(_scene.Folder, "good"), "");
        Assert.Equal(JobCommandOutcome.Done, (await ClientOf(node).RetryStageAsync(id)).Outcome);

        Assert.Equal(0, (await BecomesAsync(node, id, "Done")).Retries);
    }

    [Fact]
    [Trait("Requirement", "RUN-4")]
    public async Task A_fault_of_the_environment_holds_the_task_costs_no_retry_and_the_same_job_goes_on_when_it_is_released()
    {
        _scene.Pipeline = "stages:\n  - {name: only, job: deploy, gates: [check_merged], on-failure: only}\n";
        var mended = false;
        await using var node = await _scene.StartAsync((_, work, _) => Task.FromResult(mended ? Leaving(work, "16-merge.md", "merge: DONE") : JobOutcome.EnvironmentFault("No docker here.")), null,
            ("Sweeps:Enabled", "true"), ("Delivery:SweepInterval", "00:00:01"));
        var id = await OpenAsync(node);

        var held = await BecomesAsync(node, id, "Held");
        Assert.Equal((0, "No docker here."), (held.Retries, held.Reason));
        mended = true;
        await ClientOf(node).RetryStageAsync(id);

        var done = await BecomesAsync(node, id, "Done");
        Assert.Equal((held.JobId, 0), (done.JobId, done.Retries));
    }

    [Fact]
    [Trait("Requirement", "RUN-4")]
    public async Task A_task_and_its_job_are_released_together_or_not_at_all()
    {
        _scene.Pipeline = "stages:\n  - {name: only, job: deploy, gates: [check_merged], on-failure: only}\n";
        await using var node = await _scene.StartAsync((_, _, _) => Task.FromResult(JobOutcome.EnvironmentFault("No docker here.")), null, ("Sweeps:Enabled", "true"), ("Delivery:SweepInterval", "00:00:01"));
        var id = await OpenAsync(node);
        var held = await BecomesAsync(node, id, "Held");
        await node.ExecuteAsync("""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
            CREATE TRIGGER refuse BEFORE UPDATE ON orchestrator.job FOR EACH ROW WHEN (NEW.state = 'Queued') EXECUTE FUNCTION refuse();
            """);

        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => ClientOf(node).RetryStageAsync(id));

        Assert.Equal(("Held", "Held"), ((await ClientOf(node).GetAsync(id))!.State, (await node.Jobs.GetAsync(held.JobId!.Value))!.State));
        Assert.Equal(["Opened", "HeldUp"], (await TimelineAsync(node, id)).Select(line => line.What));
    }

    [Fact]
    [Trait("Requirement", "RUN-4")]
    public async Task A_release_waits_for_whoever_looks_at_the_job_and_is_not_lost()
    {
        _scene.Pipeline = "stages:\n  - {name: only, job: deploy, gates: [check_merged], on-failure: only}\n";
        var mended = false;
        await using var node = await _scene.StartAsync((_, work, _) => Task.FromResult(Volatile.Read(ref mended) ? Leaving(work, "16-merge.md", "merge: DONE") : JobOutcome.EnvironmentFault("No docker here.")));
        var (id, driver) = (await OpenAsync(node), DriverOf(node));
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE state = 'Held'"), n => n == 1, "its job is held");
        Assert.True(await driver.DriveAsync(id, CancellationToken.None));
        Volatile.Write(ref mended, true);
        Task<TaskCommandDone> released;
        await using (var looking = await node.Database.OpenConnectionAsync())
        {
            await using var transaction = await looking.BeginTransactionAsync();
            await using (var look = new Npgsql.NpgsqlCommand("SELECT FROM orchestrator.job FOR UPDATE", looking)) // as a claim does that finds nothing to claim
                await look.ExecuteNonQueryAsync();
            released = ClientOf(node).RetryStageAsync(id);
            await Task.WhenAny(released, Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, CancellationToken.None)); // it has looked by now; if not, it waits all the same
            Assert.False(released.IsCompleted);
        }

        Assert.Equal(JobCommandOutcome.Done, (await released).Outcome);
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE state = 'Succeeded'"), n => n == 1, "its job went on");
        await driver.DriveAsync(id, CancellationToken.None);
        Assert.Equal(["Opened", "HeldUp", "WentOn", "Completed"], (await TimelineAsync(node, id)).Select(line => line.What));
    }

    [Fact]
    [Trait("Requirement", "RUN-4")]
    [Trait("Requirement", "REAP-3")]
    public async Task Who_saw_the_job_held_before_it_was_released_holds_its_task_no_more()
    {
        _scene.Pipeline = "stages:\n  - {name: only, job: deploy, gates: [check_merged], on-failure: only}\n";
        await using var node = await _scene.StartAsync((_, _, _) => Task.FromResult(JobOutcome.EnvironmentFault("No docker here.")));
        var id = await OpenAsync(node);
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE state = 'Held'"), n => n == 1, "its job is held");
        Task<bool> late;
        await using (var quicker = await node.Database.OpenConnectionAsync())
        {
            // Another node holds the task, and a person releases it: in one go, it works at the same step as before.
            await using var transaction = await quicker.BeginTransactionAsync();
            await using (var held = new Npgsql.NpgsqlCommand("SELECT FROM orchestrator.task FOR UPDATE", quicker))
                await held.ExecuteNonQueryAsync();
            late = DriverOf(node).DriveAsync(id, CancellationToken.None);
            await Eventually.IsAsync(() => node.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"), waits => waits, "the late one has seen the job and waits for the task");
            await using (var release = new Npgsql.NpgsqlCommand("UPDATE orchestrator.job SET state = 'Queued', held_for = NULL, due = false, available_at = now() + interval '1 hour'", quicker))
                await release.ExecuteNonQueryAsync();
            await transaction.CommitAsync();
        }

        Assert.False(await late);
        Assert.Equal("Working", (await ClientOf(node).GetAsync(id))!.State);
        Assert.Equal(["Opened"], (await TimelineAsync(node, id)).Select(line => line.What));
    }

    [Fact]
    [Trait("Requirement", "RUN-4")]
    public async Task A_held_job_that_is_released_as_a_job_and_ends_at_once_takes_its_task_along()
    {
        _scene.Pipeline = "stages:\n  - {name: only, job: deploy, gates: [check_merged], on-failure: only}\n";
        var mended = false;
        await using var node = await _scene.StartAsync((_, work, _) => Task.FromResult(Volatile.Read(ref mended) ? Leaving(work, "16-merge.md", "merge: DONE") : JobOutcome.EnvironmentFault("No docker here.")), null,
            ("Sweeps:Enabled", "true"), ("Delivery:SweepInterval", "00:00:01"));
        var id = await OpenAsync(node);
        var held = await BecomesAsync(node, id, "Held");
        Volatile.Write(ref mended, true);

        await node.Jobs.RetryAsync(held.JobId!.Value);

        await BecomesAsync(node, id, "Done");
        Assert.Equal(["Opened", "HeldUp", "WentOn", "Completed"], (await TimelineAsync(node, id)).Select(line => line.What));
    }

    [Fact]
    [Trait("Requirement", "RUN-4")]
    public async Task Who_releases_a_task_whose_job_has_ended_meanwhile_takes_how_it_ended_and_does_nothing_again()
    {
        _scene.Pipeline = "stages:\n  - {name: only, job: deploy, gates: [check_merged], on-failure: hold}\n";
        await using var node = await _scene.StartAsync((_, _, _) => Task.FromResult(JobOutcome.Done()));
        var id = await OpenAsync(node);
        var held = await BecomesAsync(node, id, "Held");
        // As if it were held because its job was, and that one had been released and had ended with all its gate asks for.
        await using (var connection = await node.Database.OpenConnectionAsync())
            Assert.True(await TaskLedger.StoreArtifactAsync(connection, id, held.Step, "16-merge.md", "merge: DONE", TimeProvider.System.GetUtcNow(), CancellationToken.None));
        await node.ExecuteAsync("UPDATE orchestrator.task SET held_for_job = true");

        Assert.Equal((JobCommandOutcome.Done, "Done"), await ClientOf(node).RetryStageAsync(id) is var answer ? (answer.Outcome, answer.State) : default);

        Assert.Equal((held.JobId, held.Step), await ClientOf(node).GetAsync(id) is { } done ? (done.JobId, done.Step) : default);
        Assert.Equal(["Opened", "HeldUp", "WentOn", "Completed"], (await TimelineAsync(node, id)).Select(line => line.What));
    }

    [Fact]
    [Trait("Requirement", "REAP-3")]
    [Trait("Requirement", "FLOW-1")]
    public async Task Of_many_that_drive_one_task_with_the_same_evidence_one_advances_it()
    {
        _scene.Pipeline = "stages:\n  - {name: first, job: deploy, gates: [check_merged], on-failure: first}\n  - {name: second, job: deploy, gates: [check_merged], on-failure: first}\n";
        var held = new TaskCompletionSource();
        await using var node = await _scene.StartAsync(async (_, work, _) =>
        {
            if (work.Stage == "second")
                await held.Task;
            return Leaving(work, "16-merge.md", "merge: DONE");
        });
        var driver = DriverOf(node);
        var id = await OpenAsync(node);
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE state = 'Succeeded'"), n => n == 1, "the first job has ended");

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => driver.DriveAsync(id, CancellationToken.None)));
        var jobs = await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job");
        var advanced = (await TimelineAsync(node, id)).Count(line => line.What == "Advanced");
        held.SetResult(); // before anything is judged: the node stops only when its work has ended

        Assert.Equal((2L, 1), (jobs, advanced));
        await BecomesAsync(node, id, "Done");
    }

    [Fact]
    [Trait("Requirement", "FLOW-1")]
    public async Task What_a_replaced_step_leaves_is_refused()
    {
        _scene.Pipeline = "stages:\n  - {name: only, job: deploy, gates: [check_merged], on-failure: hold}\n";
        await using var node = await _scene.StartAsync((_, _, _) => Task.FromResult(JobOutcome.EnvironmentFault("away")), null, ("Sweeps:Enabled", "true"), ("Delivery:SweepInterval", "00:00:01"));
        var id = await OpenAsync(node);
        var before = await BecomesAsync(node, id, "Held");
        await node.Jobs.CancelAsync(before.JobId!.Value);
        await ClientOf(node).RetryStageAsync(id);

        await using var connection = await node.Database.OpenConnectionAsync();
        Assert.False(await TaskLedger.StoreArtifactAsync(connection, id, before.Step, "16-merge.md", "merge: DONE", before.CreatedAt, CancellationToken.None));
        Assert.False(await TaskLedger.StoreHeadAsync(connection, id, before.Step, "abc", CancellationToken.None));
        Assert.Empty(await TaskLedger.ArtifactsAsync(connection, id, CancellationToken.None));
    }

    [Fact]
    [Trait("Requirement", "FLOW-1")]
    public async Task A_second_request_with_the_key_or_the_branch_is_the_first_task_and_bad_ones_are_refused_with_all_that_is_wrong()
    {
        _scene.Pipeline = "stages:\n  - {name: only, job: deploy, on-failure: hold}\n";
        var held = new TaskCompletionSource();
        await using var node = await _scene.StartAsync(async (_, _, _) => { await held.Task; return JobOutcome.Done(); });

        var requests = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ClientOf(node).OpenAsync(new OpenTask { Repository = "team/app", Title = "One", ExternalKey = "APP-7" })));

        Assert.Single(requests.Select(answer => answer.TaskId).Distinct());
        Assert.Single(requests, answer => !answer.Duplicate);
        Assert.Equal(1L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job"));
        var refused = await Assert.ThrowsAsync<Service.Ingress.JobRequestException>(() => ClientOf(node).OpenAsync(new OpenTask { Repository = "../etc", Title = "", Branch = "-x" }));
        Assert.Equal(["repository", "title", "branch"], refused.Errors.Select(error => error[..error.IndexOf(':')]));
        held.SetResult();
        await BecomesAsync(node, requests[0].TaskId, "Done");
    }

    private static TaskDriver DriverOf(TestNode node) => node.Services.GetRequiredService<TaskDriver>();

    public void Dispose() => _scene.Dispose();
}
