using Orchestrator.Local.StandIns;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Ingress;
using Orchestrator.Tests.Infrastructure;
using static Orchestrator.Tests.Delivery.ServersScene;
using static Orchestrator.Tests.Delivery.TaskScene;

namespace Orchestrator.Tests.Delivery.Reports;

/// <summary>What forge and tracker hear of a task, and when.</summary>
[Trait("Requirement", "FLOW-1")]
public sealed class ReportTests : IAsyncLifetime
{
    private const string Agent = """
        set -e
        case $1 in
          analysis)       printf '# Analysis\n\nIt adds numbers.\n' > .task/01-analysis.md ;;
          architecture)   printf '# Architecture\n\nOne function.\n' > .task/02-architecture.md ;;
          development)    date +%N >> work.txt ;;
          review)         ON_REVIEW ;;
          testing)        ON_TESTING ;;
          deploy-staging) printf 'staging_status: SUCCESS\n' > .task/15-staging-log.md ;;
        esac
        """;

    private const string Approve = "printf 'verdict: APPROVED\\n' > .task/12-review.md";
    private const string Pass = "printf 'result: PASS\\n' > .task/13-test-report.md";

    // Three stages, the last of which a person looks after.
    private const string Short = """
        retries: 1
        stages:
          - {name: development, agent: agent, prompt: development.md, gates: [check_branch_has_work], on-failure: development}
          - {name: review, agent: agent, prompt: review.md, gates: [check_review], on-failure: development}
          - {name: testing, agent: agent, prompt: testing.md, gates: [check_tests_passed], on-failure: hold}
        """;

    private ServersScene _scene = null!;

    public async Task InitializeAsync() => _scene = await ServersScene.StartAsync();

    public async Task DisposeAsync() => await _scene.DisposeAsync();

    [Fact]
    [Trait("Requirement", "FLOW-4")]
    [Trait("Requirement", "FLOW-5")]
    public async Task A_work_item_moves_along_with_its_task_and_its_pull_request_is_there_while_it_is_reviewed()
    {
        Script(review: $"{_scene.Until("reviewed")}; {Approve}", testing: Pass, development: _scene.Until("developed"));
        _scene.Tracker.Fail("POST", "/comments/", new StandInFault.Cut(CarriedOut: true)); // the answer to the first comment is lost
        await using var node = await _scene.NodeAsync(hooks: true, ("Webhooks:Plane:Bot", _scene.Tracker.Bot.ToString()), _scene.State("development", "work"));

        var item = _scene.Tracker.Create("Add numbers", "<p>Two.</p>", Person);
        var id = await TaskAsync(node);
        await Eventually.IsTrueAsync(() => _scene.Tracker.StateOf(item) == "In Progress", "the item is in progress");
        await _scene.LetAsync("developed");
        var reviewing = await Eventually.IsAsync(() => ClientOf(node).GetAsync(id), task => task is { Stage: "review", PullRequest: not null }, "the task is reviewed and has a pull request");
        var pull = Assert.Single(await _scene.Client.OpenAsync(App, default));
        Assert.Equal((reviewing!.PullRequest, reviewing.HeadSha, reviewing.Branch, "main", "Add numbers"), (pull.Number, pull.Head, pull.Branch, pull.Base, pull.Title));
        await Eventually.IsAsync(() => _scene.StatusesAsync(pull.Head), seen => seen.SequenceEqual(["development Success", "review Pending"]), "the stages stand at the commit");

        await _scene.LetAsync("reviewed");
        var done = await BecomesAsync(node, id, "Done");
        await _scene.QuietAsync(node);

        Assert.Equal(["In Progress", "Done"], Moves);
        var comments = _scene.Tracker.CommentsOf(item);
        Assert.Equal(2, comments.Count);
        Assert.Contains(done.Branch, comments[0], StringComparison.Ordinal);
        Assert.Contains($"Pull request {pull.Number}, commit ", comments[1], StringComparison.Ordinal);
        Assert.Equal(["deploy-staging Success", "development Success", "review Success", "testing Success"], (await _scene.StatusesAsync(pull.Head)).Where(status => status != "delivery Success")); // that is the merge's own
        Assert.Equal(1, Opened);
        Assert.Equal(
            ["Forge Advanced deploy", "Forge Advanced deploy-staging", "Forge Advanced post-deploy", "Forge Advanced review", "Forge Advanced testing", "Forge Done post-deploy",
             "Tracker Advanced development", "Tracker Begun analysis", "Tracker Done post-deploy"],
            await ReportsAsync(node));

        // Each of them once more, the oldest last of all: nothing is said twice, and nothing goes back.
        var statuses = _scene.Forge.Journal.Count(request => request.Method == "POST" && request.Path.Contains("/statuses/", StringComparison.Ordinal));
        var before = _scene.Tracker.Journal.Count;
        await _scene.RepeatReportsAsync(node);
        Assert.Equal(["GET", "GET", "GET", "POST", "POST"], _scene.Tracker.Journal.Skip(before).Select(request => request.Method).Order(StringComparer.Ordinal)); // the state is looked at, and two comments are there
        Assert.Equal(2, _scene.Tracker.CommentsOf(item).Count);
        Assert.Equal(["In Progress", "Done"], Moves);
        Assert.Equal(statuses, _scene.Forge.Journal.Count(request => request.Method == "POST" && request.Path.Contains("/statuses/", StringComparison.Ordinal)));
        Assert.Equal(1, Opened);
        Assert.Equal(0L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE lane = 'reports' AND state <> 'Succeeded'"));
    }

    [Fact]
    public async Task What_is_sent_back_held_and_begun_anew_is_said_with_its_reason()
    {
        _scene.Tasks.Pipeline = Short;
        Script(
            review: $"if [ -e {_scene.PathOf("second")} ]; then {Approve}; else touch {_scene.PathOf("second")}; git rev-parse HEAD > {_scene.PathOf("first-head")}; printf 'verdict: CHANGES_REQUESTED\\n\\nName it, api_key=abcdefgh12345678.\\n' > .task/12-review.md; fi",
            testing: $"if [ -e {_scene.PathOf("mended")} ]; then {Pass}; else printf 'result: FAIL\\n\\n2 + 2 was 5\\n' > .task/13-test-report.md; fi");
        await using var node = await _scene.NodeAsync(hooks: true, ("Webhooks:Plane:Bot", _scene.Tracker.Bot.ToString()), _scene.State("development", "work"), _scene.State("testing", "work"));

        var item = _scene.Tracker.Create("Add numbers", "", Person);
        var id = await TaskAsync(node);
        await BecomesAsync(node, id, "Held");
        await Eventually.IsTrueAsync(() => _scene.Tracker.StateOf(item) == "Backlog", "the item is where held ones belong");
        await _scene.QuietAsync(node);
        var held = _scene.Tracker.CommentsOf(item);
        Assert.Equal(3, held.Count);
        Assert.Contains(held, comment => comment.Contains("Stage review was not passed; development begins anew", StringComparison.Ordinal) && comment.Contains("CHANGES_REQUESTED", StringComparison.Ordinal));
        Assert.Contains(held, comment => comment.Contains("Held at stage testing", StringComparison.Ordinal) && comment.Contains("2 + 2 was 5", StringComparison.Ordinal));
        Assert.DoesNotContain(held, comment => comment.Contains("abcdefgh12345678", StringComparison.Ordinal));
        Assert.Contains("review Failure", await _scene.StatusesAsync((await File.ReadAllTextAsync(_scene.PathOf("first-head"))).Trim()));

        await _scene.LetAsync("mended");
        await ClientOf(node).RetryStageAsync(id);
        var done = await BecomesAsync(node, id, "Done");
        await _scene.QuietAsync(node);

        Assert.Equal("Done", _scene.Tracker.StateOf(item));
        Assert.Equal(5, _scene.Tracker.CommentsOf(item).Count);
        Assert.Equal(["development Success", "review Success", "testing Success"], await _scene.StatusesAsync(done.HeadSha!));
    }

    [Fact]
    [Trait("Requirement", "RUN-4")]
    public async Task What_is_held_again_at_the_same_step_is_said_again()
    {
        _scene.Tasks.Pipeline = Short;
        Script(review: Approve, testing: $"[ -e {_scene.PathOf("mended")} ] || {{ echo 'bash: line 1: the-agent: command not found' >&2; exit 127; }}; {Pass}"); // its program is missing, twice
        await using var node = await _scene.NodeAsync(hooks: true, ("Webhooks:Plane:Bot", _scene.Tracker.Bot.ToString()), ("Sweeps:Enabled", "true"), ("Delivery:SweepInterval", "00:00:01"));
        var item = _scene.Tracker.Create("Add numbers", "", Person);
        var id = await TaskAsync(node);

        var first = await BecomesAsync(node, id, "Held");
        await _scene.QuietAsync(node);
        await ClientOf(node).RetryStageAsync(id);
        await Eventually.IsAsync(() => TimelineAsync(node, id), lines => lines.Count(line => line.What == "HeldUp") == 2, "it is held again");
        var second = await BecomesAsync(node, id, "Held");
        await _scene.QuietAsync(node);

        Assert.Equal(first.Step, second.Step);
        Assert.Equal(2, _scene.Tracker.CommentsOf(item).Count(comment => comment.Contains("Held at stage testing", StringComparison.Ordinal)));
        await _scene.LetAsync("mended");
        await ClientOf(node).RetryStageAsync(id);
        await BecomesAsync(node, id, "Done");
    }

    [Fact]
    public async Task A_failure_that_is_told_late_does_not_stand_over_the_success_of_the_stage_begun_anew()
    {
        _scene.Tasks.Pipeline = Short.Replace("retries: 1", "retries: 0", StringComparison.Ordinal).Replace("on-failure: hold", "on-failure: testing", StringComparison.Ordinal);
        Script(review: Approve, testing: $"if [ -e {_scene.PathOf("mended")} ]; then {Pass}; else printf 'result: FAIL\\n' > .task/13-test-report.md; fi");
        await using var node = await _scene.NodeAsync(hooks: false);
        var id = await OpenAsync(node, title: "Add numbers");
        var failed = await BecomesAsync(node, id, "Failed");
        await _scene.QuietAsync(node);
        Assert.Contains("testing Failure", await _scene.StatusesAsync(failed.HeadSha!));
        await _scene.LetAsync("mended");
        await ClientOf(node).RetryStageAsync(id);
        var done = await BecomesAsync(node, id, "Done");
        await _scene.QuietAsync(node);
        Assert.Equal(failed.HeadSha, done.HeadSha);

        var late = await node.ScalarAsync<string>("SELECT payload::text FROM orchestrator.job WHERE lane = 'reports' AND payload->>'what' = 'Failed'");
        await node.Jobs.SubmitAsync(new JobRequest("reports", late));
        await _scene.QuietAsync(node);

        Assert.Contains("testing Success", await _scene.StatusesAsync(done.HeadSha!));
    }

    [Fact]
    [Trait("Requirement", "FLOW-4")]
    public async Task A_stage_without_a_word_leaves_the_item_where_the_one_before_it_belongs_however_late_that_is_said()
    {
        _scene.Tasks.Pipeline = Short;
        Script(review: $"{_scene.Until("go")}; {Approve}", testing: Pass);
        await using var node = await _scene.NodeAsync(hooks: true, ("Webhooks:Plane:Bot", _scene.Tracker.Bot.ToString()), _scene.State("development", "work"));
        using var http = new HttpClient { BaseAddress = node.Url };
        using (var paused = await http.PostAsync(new Uri("/lanes/reports/pause?reason=a+test", UriKind.Relative), null))
            paused.EnsureSuccessStatusCode();
        var item = _scene.Tracker.Create("Add numbers", "", Person);
        var id = await TaskAsync(node);
        await Eventually.IsAsync(() => ClientOf(node).GetAsync(id), task => task?.Stage == "review", "it is reviewed, and review has no word");
        Assert.Equal("Todo", _scene.Tracker.StateOf(item));

        using (var resumed = await http.PostAsync(new Uri("/lanes/reports/resume", UriKind.Relative), null))
            resumed.EnsureSuccessStatusCode();
        await Eventually.IsTrueAsync(() => _scene.Tracker.StateOf(item) == "In Progress", "the item is where development put it");
        await _scene.LetAsync("go");
        await BecomesAsync(node, id, "Done");
    }

    [Fact]
    [Trait("Requirement", "FLOW-4")]
    public async Task A_tracker_that_is_away_holds_up_no_stage_and_hears_all_of_it_later()
    {
        _scene.Tasks.Pipeline = Short;
        Script(review: Approve, testing: Pass, development: _scene.Until("go"));
        await using var node = await _scene.NodeAsync(hooks: true, ("Webhooks:Plane:Bot", _scene.Tracker.Bot.ToString()), _scene.State("development", "work"));
        var item = _scene.Tracker.Create("Add numbers", "", Person);
        var id = await TaskAsync(node);
        await Eventually.IsTrueAsync(() => _scene.Tracker.StateOf(item) == "In Progress", "the item is in progress");

        _scene.Tracker.IsAway = true;
        await _scene.LetAsync("go");
        await BecomesAsync(node, id, "Done");
        Assert.Equal("In Progress", _scene.Tracker.StateOf(item));

        _scene.Tracker.IsAway = false;
        await _scene.QuietAsync(node);
        Assert.Equal("Done", _scene.Tracker.StateOf(item));
        Assert.Equal(2, _scene.Tracker.CommentsOf(item).Count);
    }

    [Fact]
    [Trait("Requirement", "FLOW-4")]
    public async Task A_state_that_arrives_late_at_the_tracker_is_set_right()
    {
        _scene.Tasks.Pipeline = "stages:\n  - {name: development, agent: agent, prompt: development.md, gates: [check_branch_has_work], on-failure: hold}\n";
        Script(review: "true", testing: "true", development: _scene.Until("go"));
        _scene.Tracker.Fail("PATCH", "/work-items/", new StandInFault.Slow(TimeSpan.FromSeconds(10))); // the first state; the last one overtakes it
        await using var node = await _scene.NodeAsync(hooks: true, ("Webhooks:Plane:Bot", _scene.Tracker.Bot.ToString()), _scene.State("development", "work"));
        var item = _scene.Tracker.Create("Add numbers", "", Person);
        var id = await TaskAsync(node);
        await Eventually.IsTrueAsync(() => _scene.Tracker.Taken.Any(request => request.Method == "PATCH"), "the first state is on its way");
        await _scene.LetAsync("go");

        await BecomesAsync(node, id, "Done");
        await _scene.QuietAsync(node);

        Assert.Equal("Done", _scene.Tracker.StateOf(item));
        Assert.Contains("In Progress", _scene.Moves);
    }

    [Fact]
    public async Task A_refusal_of_the_forge_ends_the_report_and_not_the_task()
    {
        Script(review: Approve, testing: Pass);
        _scene.Forge.Fail("POST", "/pulls", new StandInFault.Answer(403, """{"message":"token does not have the scope"}"""));
        await using var node = await _scene.NodeAsync(hooks: false);

        var id = await OpenAsync(node, title: "Add numbers");

        await BecomesAsync(node, id, "Done");
        await _scene.QuietAsync(node);
        Assert.Equal(1L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE lane = 'reports' AND state = 'Failed' AND reason LIKE '%403%'"));
        Assert.Equal(1, Opened);
    }

    [Fact]
    [Trait("Requirement", "FLOW-4")]
    public async Task A_state_that_the_service_sets_itself_opens_no_task_again()
    {
        _scene.Tasks.Pipeline = "retries: 0\nstages:\n  - {name: only, agent: agent, prompt: testing.md, gates: [check_tests_passed], on-failure: only}\n";
        _scene.Tasks.Script = $"{_scene.Until("go")}; printf 'result: FAIL\\n' > .task/13-test-report.md";
        // The item of a failed task goes back to where items are begun, and nobody tells the service which changes are its own.
        await using var node = await _scene.NodeAsync(hooks: true, _scene.State("only", "work"), _scene.State("Failed", "again"));
        var item = _scene.Tracker.Create("Add numbers", "", Person);
        var id = await TaskAsync(node);
        await Eventually.IsTrueAsync(() => _scene.Tracker.StateOf(item) == "In Progress", "the item is in progress");
        await _scene.LetAsync("go");
        await BecomesAsync(node, id, "Failed");
        await _scene.QuietAsync(node);
        Assert.Equal(["In Progress", "Todo"], Moves);

        await SweepAsync(node);
        await _scene.QuietAsync(node);

        Assert.Equal("Todo", _scene.Tracker.StateOf(item));
        Assert.Equal(1L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task"));
        Assert.Equal("Failed", (await ClientOf(node).GetAsync(id))!.State);
        Assert.Equal(0L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE lane = 'deliveries' AND dedupe_key LIKE 'reconciled:%'"));
    }

    [Fact]
    public async Task A_pull_request_is_stored_for_the_open_task_of_its_branch_that_has_none()
    {
        _scene.Tasks.Pipeline = Short;
        Script(review: Approve, testing: Pass, development: _scene.Until("go"));
        await using var node = await _scene.NodeAsync(hooks: false);
        var id = await OpenAsync(node);
        var task = (await ClientOf(node).GetAsync(id))!;
        await using (var connection = await node.Database.OpenConnectionAsync())
        {
            Assert.False(await TaskLedger.AdoptPullRequestAsync(connection, new DeliveryTask { CorrelationId = id, Repository = task.Repository, Branch = "another" }, 7, default));
            Assert.False(await TaskLedger.AdoptPullRequestAsync(connection, new DeliveryTask { CorrelationId = id, Repository = "team/other", Branch = task.Branch }, 7, default));
            Assert.True(await TaskLedger.AdoptPullRequestAsync(connection, new DeliveryTask { CorrelationId = id, Repository = task.Repository, Branch = task.Branch, Step = task.Step - 1 }, 7, default));
            Assert.False(await TaskLedger.AdoptPullRequestAsync(connection, task, 8, default));
        }

        Assert.Equal(7, (await ClientOf(node).GetAsync(id))!.PullRequest);
        var other = await OpenAsync(node, title: "Another");
        await ClientOf(node).CancelAsync(other);
        await using (var connection = await node.Database.OpenConnectionAsync())
            Assert.False(await TaskLedger.AdoptPullRequestAsync(connection, (await ClientOf(node).GetAsync(other))!, 9, default));
        await ClientOf(node).CancelAsync(id);
        await _scene.LetAsync("go");
    }

    // The first may be asked for twice: the answer to the comment that goes with it is lost, or its report is repeated beside the next.
    private IEnumerable<string> Moves
    {
        get
        {
            var moves = _scene.Moves;
            return moves.Where((move, at) => at == 0 || move != "In Progress" || moves[at - 1] != move);
        }
    }

    private int Opened => _scene.Forge.Journal.Count(request => request is { Method: "POST", Status: 201 } && request.Path.EndsWith("/pulls", StringComparison.Ordinal));

    private void Script(string review, string testing, string? development = null) =>
        _scene.Tasks.Script = Agent.Replace("ON_REVIEW", review).Replace("ON_TESTING", testing).Replace("date +%N", development is null ? "date +%N" : $"{development}; date +%N");
}
