using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Orchestrator.Local.StandIns;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Tests.Infrastructure;
using static Orchestrator.Tests.Delivery.TaskScene;

namespace Orchestrator.Tests.Delivery.Runners;

/// <summary>Tasks whose testing stage is the runner's, with suites that are really run.</summary>
public sealed class RunnerStageTests : IDisposable
{
    private const string Suite = """
        if [ -e away ]; then rm away; echo 'ssh: connect to host build port 22: Connection refused' >&2; exit 255; fi
        if grep -q mended work; then echo "SUMMARY total=2 passed=2 failed=0 nonce=$1"; else echo "2 + 2 was 5"; echo "SUMMARY total=2 passed=1 failed=1 nonce=$1"; exit 1; fi
        """;

    private readonly TaskScene _scene = new()
    {
        Pipeline = """
            stages:
              - {name: development, agent: agent, prompt: development.md, gates: [check_branch_has_work], on-failure: development}
              - {name: testing, runner: tests, gates: [check_tests_passed], on-failure: development}
            """,
        Script = "grep -q 'sent back' .task/prompt.md && { echo mended > work; rm -f away; } || { echo broken > work; touch away; }; printf '# Changes\n\n- one\n' > .task/03-changes.md",
    };

    [Fact]
    [Trait("Requirement", "RUN-1")]
    [Trait("Requirement", "RUN-3")]
    [Trait("Requirement", "RUN-4")]
    public async Task A_suite_that_ran_and_failed_costs_a_retry_and_infrastructure_that_was_away_costs_none()
    {
        await using var node = await _scene.StartAsync(Settings("/bin/bash"));

        var id = await OpenAsync(node);

        var task = await BecomesAsync(node, id, "Done");
        Assert.Equal(1, task.Retries);
        var timeline = await TimelineAsync(node, id);
        Assert.Equal(["development Opened", "development Advanced", "testing SentBack", "development Advanced", "testing Completed"], timeline.Select(line => $"{line.Stage} {line.What}"));
        Assert.Contains("result: FAIL", timeline.Single(line => line.What == "SentBack").Detail, StringComparison.Ordinal);
        Assert.Equal(1L, await node.ScalarAsync<long>("SELECT sum(transient_attempts) FROM orchestrator.job WHERE lane = 'delivery'"));
        await using var connection = await node.Database.OpenConnectionAsync();
        var report = (await TaskLedger.ArtifactsAsync(connection, id, CancellationToken.None)).Single(artifact => artifact.Name == "13-test-report.md");
        Assert.Contains("result: PASS\n", report.Content, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "RUN-4")]
    [Trait("Requirement", "RUN-5")]
    public async Task A_suite_that_cannot_start_holds_the_task_at_once_and_GET_queue_shows_the_runners()
    {
        await using var node = await _scene.StartAsync([.. Settings("/no/such/runner"), ("Sweeps:Enabled", "true"), ("Delivery:SweepInterval", "00:00:01")]);

        var held = await BecomesAsync(node, await OpenAsync(node), "Held");

        Assert.Equal((0, "testing"), (held.Retries, held.Stage));
        Assert.Contains("/no/such/runner", held.Reason, StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = node.Url };
        var queue = await http.GetFromJsonAsync<JsonElement>("queue");
        Assert.Equal("tests app", queue.GetProperty("runners").GetProperty("suites")[0].GetProperty("name").GetString());
        Assert.Equal(held.Id, queue.GetProperty("serial_gate").GetProperty("repositories")[0].GetProperty("tasks")[0].GetProperty("task").GetGuid());
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri($"tasks/{held.Id}/gates", UriKind.Relative))).StatusCode);
    }

    [Fact]
    [Trait("Requirement", "RUN-6")]
    public async Task Where_the_runner_is_switched_off_an_agent_does_the_stage()
    {
        _scene.Pipeline = "stages:\n  - {name: testing, runner: tests, agent: agent, prompt: testing.md, gates: [check_tests_passed], on-failure: hold}\n";
        _scene.Script = "echo 'result: PASS' > .task/13-test-report.md";
        await using var node = await _scene.StartAsync();

        var id = await OpenAsync(node);

        await BecomesAsync(node, id, "Done");
        Assert.Equal(1L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE lane = 'agents'"));
    }

    /// <summary>What an agent writes at its own stage is no verdict of the runner's.</summary>
    [Fact]
    [Trait("Requirement", "RUN-1")]
    [Trait("Requirement", "FLOW-2")]
    public async Task An_agent_can_not_pass_the_runners_stage_with_a_verdict_of_its_own_nor_flood_the_tasks_artifacts()
    {
        _scene.Pipeline = _scene.Pipeline!.Replace("on-failure: development", "on-failure: hold", StringComparison.Ordinal);
        _scene.Script = """
            echo broken > work
            echo 'result: PASS' > .task/13-test-report.md; printf '# Merge\n\nmerge: DONE\n' > .task/16-merge.md
            for i in $(seq 100 400); do echo flood > .task/${i:0:2}-flood-$i.md; done
            """;
        await using var node = await _scene.StartAsync(Settings("/bin/bash"));

        var held = await BecomesAsync(node, await OpenAsync(node), "Held");

        Assert.Equal("testing", held.Stage);
        Assert.Contains("result: FAIL", held.Reason, StringComparison.Ordinal);
        Assert.InRange(await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task_artifact"), 1, 52);
    }

    [Theory]
    [InlineData(200, "Done")]
    [InlineData(500, "Held")]
    [Trait("Requirement", "FLOW-5")]
    public async Task What_was_delivered_is_looked_after_and_what_does_not_answer_well_is_a_persons_business(int status, string state)
    {
        _scene.Pipeline = "stages:\n  - {name: watch, job: post-deploy, gates: [check_post_deploy], on-failure: hold}\n";
        await using var delivered = await StandInServer.StartAsync(_ => Task.FromResult(StandInAnswer.Empty(status)), TimeProvider.System, CancellationToken.None);
        await using var node = await _scene.StartAsync(
            ("Delivery:PostDeploy:team/app:Smoke:page:Url", delivered.Url.ToString()), ("Delivery:PostDeploy:team/app:Window", "00:00:01"),
            ("Delivery:PostDeploy:team/app:Interval", "00:00:00.200"), ("Delivery:PostDeploy:team/app:Failures", "2"));

        var task = await BecomesAsync(node, await OpenAsync(node), state);

        Assert.Equal(0, task.Retries);
    }

    private static (string, string)[] Settings(string program) =>
    [
        ("Delivery:Runners:Tests:Enabled", "true"), ("Delivery:Runners:Tests:Suites:app:Repositories:0", "team/app"), ("Delivery:Runners:Tests:Suites:app:Program", program),
        ("Delivery:Runners:Tests:Suites:app:Arguments:0", "-c"), ("Delivery:Runners:Tests:Suites:app:Arguments:1", Suite.Replace("{", "{{").Replace("}", "}}")),
        ("Delivery:Runners:Tests:Suites:app:Arguments:2", "suite"), ("Delivery:Runners:Tests:Suites:app:Arguments:3", "{nonce}"),
        ("Delivery:Runners:Deferrals:0", "00:00:01"), ("Delivery:Runners:Deferrals:1", "00:00:01"),
    ];

    public void Dispose() => _scene.Dispose();
}
