using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Reserved;
using Orchestrator.Tests.Engine;
using Orchestrator.Tests.Infrastructure;
using static Orchestrator.Tests.Delivery.TaskScene;

namespace Orchestrator.Tests.Delivery.Reserved;

/// <summary>What did not stay well is rolled back by a task of its own, opened once.</summary>
[Trait("Requirement", "FLOW-5")]
public sealed class RollbackTests : IDisposable
{
    private readonly TaskScene _scene = new() { Pipeline = "stages:\n  - {name: watch, job: post-deploy, gates: [check_post_deploy], on-failure: hold}\n" };

    [Fact]
    public async Task A_delivery_that_does_not_stay_well_opens_one_task_and_a_rollback_opens_none()
    {
        await using var node = await StartAsync(("Delivery:PostDeploy:team/app:Rollback", "true"));
        var id = await OpenAsync(node, title: "Add numbers");
        await BecomesAsync(node, id, "Held");

        var rollback = await BecomesAsync(node, await IdOfAsync(node, RollbackTask.KeyOf(id)), "Held"); // it is looked after, too
        Assert.Equal(("team/app", "Roll back: Add numbers"), (rollback.Repository, rollback.Title));
        Assert.Contains($"Task {rollback.Id} was opened to roll it back.", await ArtifactAsync(node, id, "17-post-deploy.md"), StringComparison.Ordinal);
        Assert.Contains("This was a rollback itself", await ArtifactAsync(node, rollback.Id, "17-post-deploy.md"), StringComparison.Ordinal);
        var asked = await ArtifactAsync(node, rollback.Id, "00-request.md");
        Assert.Contains($"The delivery of task {id} did not stay well.", asked, StringComparison.Ordinal);
        Assert.Matches(@"2 looks in a row found something wrong:\n- \S+ \S+ page: ", asked);

        await ClientOf(node).RetryStageAsync(id);
        await Eventually.IsAsync(() => ArtifactAsync(node, id, "17-post-deploy.md"), text => text.Contains($"Task {rollback.Id} rolls it back since an earlier look.", StringComparison.Ordinal), "the second look finds the task");
        Assert.Equal(2L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task"));
    }

    [Fact]
    public async Task An_outcome_that_can_not_be_stored_takes_the_task_with_it_and_the_next_try_opens_one()
    {
        await using var node = await StartAsync(("Delivery:PostDeploy:team/app:Rollback", "true"));
        await node.ExecuteAsync("CREATE TABLE orchestrator.failing AS SELECT 1 AS yes");
        await node.ExecuteAsync("CREATE SEQUENCE orchestrator.tries"); // counts what is rolled back, too
        await node.ExecuteAsync(
            """
            CREATE FUNCTION orchestrator.fail() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.name = '17-post-deploy.md' AND nextval('orchestrator.tries') > 0 AND EXISTS (SELECT FROM orchestrator.failing) THEN
                    RAISE EXCEPTION 'not now' USING ERRCODE = '40001';
                END IF;
                RETURN NEW;
            END $$
            """);
        await node.ExecuteAsync("CREATE TRIGGER fail BEFORE INSERT ON orchestrator.task_artifact FOR EACH ROW EXECUTE FUNCTION orchestrator.fail()");

        var id = await OpenAsync(node);
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT last_value FROM orchestrator.tries"), tries => tries >= 2, "it was tried to store the outcome");
        Assert.Equal(1L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task"));
        await node.ExecuteAsync("DELETE FROM orchestrator.failing");

        await BecomesAsync(node, id, "Held");
        Assert.Equal(1L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task WHERE external_key = $1", RollbackTask.KeyOf(id)));
        Assert.Equal(2L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE lane = 'delivery'")); // none of nobody's
    }

    [Fact]
    [Trait("Requirement", "OPS-5")]
    public async Task Unless_the_settings_say_so_no_task_is_opened()
    {
        await using var node = await StartAsync();

        await BecomesAsync(node, await OpenAsync(node), "Held");

        Assert.Equal(1L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task"));
    }

    [Fact]
    public void The_task_names_the_commit_that_was_delivered_and_what_was_seen()
    {
        var (commit, head) = (new string('a', 40), new string('b', 40));
        var task = new DeliveryTask { CorrelationId = Guid.NewGuid(), Repository = "team/app", Title = new string('x', 187) + "😀😀😀", PullRequest = 7, HeadSha = head };

        var request = RollbackTask.Of(task, new MergeRecord(7, commit, "Merged."), PostDeployStage.Shown([.. Enumerable.Range(0, 1000).Select(i => $"line {i}{(i == 998 ? new string('x', 5000) : "")}")]));

        Assert.Equal(("team/app", RollbackTask.KeyOf(task.Id)), (request.Repository, request.ExternalKey));
        Assert.Equal($"Roll back: {new string('x', 187)}…", request.Title); // 200 would cut a character in two
        Assert.Contains($"pull request 7, did not stay well. Revert commit {commit}", request.Description, StringComparison.Ordinal);
        Assert.Contains("line 0\n- and more before\n", request.Description, StringComparison.Ordinal);
        Assert.Contains("line 999", request.Description, StringComparison.Ordinal);
        Assert.DoesNotContain("line 500\n", request.Description, StringComparison.Ordinal);
        Assert.InRange(request.Description!.Length, 1000, 5000);
        Assert.Contains($"Revert commit {head}", RollbackTask.Of(task, null, []).Description, StringComparison.Ordinal);
        Assert.False(RollbackTask.IsOne(task));
        Assert.True(RollbackTask.IsOne(new DeliveryTask { ExternalKey = request.ExternalKey }));
    }

    public void Dispose() => _scene.Dispose();

    private Task<TestNode> StartAsync(params (string, string)[] settings) => _scene.StartAsync(
    [
        ("Delivery:PostDeploy:team/app:Smoke:page:Url", "http://127.0.0.1:1/"), ("Delivery:PostDeploy:team/app:Window", "00:00:01"),
        ("Delivery:PostDeploy:team/app:Interval", "00:00:00.100"), ("Delivery:PostDeploy:team/app:Failures", "2"), .. settings,
    ]);

    private static Task<Guid> IdOfAsync(TestNode node, string key) => node.ScalarAsync<Guid>("SELECT id FROM orchestrator.task WHERE external_key = $1", key);

    private static async Task<string> ArtifactAsync(TestNode node, Guid task, string name)
    {
        await using var connection = await node.Database.OpenConnectionAsync();
        return (await TaskLedger.ArtifactsAsync(connection, task, CancellationToken.None)).SingleOrDefault(artifact => artifact.Name == name)?.Content ?? "";
    }
}
