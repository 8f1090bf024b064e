using Orchestrator.Local.StandIns;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Gates;
using Orchestrator.Service.Delivery.Merging;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Finalize;
using Orchestrator.Tests.Delivery.Forge;
using Orchestrator.Tests.Delivery.Git;

namespace Orchestrator.Tests.Delivery.Gates;

/// <summary>The gate before a deploy: git says whether the commit merges, the forge whether it still is to be.</summary>
[Trait("Requirement", "FLOW-1")]
[Trait("Requirement", "FLOW-2")]
[Trait("Requirement", "MRG-3")]
public sealed class MergeableGateTests : IDisposable
{
    private readonly GitScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task What_merges_passes_and_what_conflicts_with_the_base_as_it_is_now_fails_with_its_files()
    {
        var head = _scene.PersonCommits("README.md", "mine\n", "task/1");
        var refs = GitScene.Run(_scene.Remote, "for-each-ref");

        Assert.Equal(GateAnswer.Passed, (await AskAsync(head)).Answer);
        Assert.Equal(refs, GitScene.Run(_scene.Remote, "for-each-ref")); // it asks, and moves nothing

        var onto = _scene.PersonCommits("README.md", "theirs\n");
        var conflict = await AskAsync(head);

        Assert.Equal(GateAnswer.Failed, conflict.Answer);
        Assert.Contains($"conflicts with main ({onto})", conflict.Reason, StringComparison.Ordinal);
        Assert.Contains("- README.md\n", conflict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_commit_nothing_merges_and_of_one_that_is_nowhere_nobody_can_tell()
    {
        Assert.Equal(new GateVerdict(GateAnswer.Failed, "The task has no commit: none of its stages has pushed one."), await AskAsync(null));
        Assert.Equal(GateAnswer.CannotTell, (await AskAsync(new string('1', 40))).Answer);
    }

    [Fact]
    public async Task What_is_merged_passes_and_a_closed_or_unfinished_pull_request_waits_for_a_person()
    {
        await using var gitea = await GiteaStandIn.StartAsync(TimeProvider.System);
        gitea.Serve(GitScene.Repository, _scene.Remote);
        var forge = Servers.ClientOf(gitea);
        var head = _scene.PersonCommits("a.txt", "a\n", "task/1");
        var draft = _scene.PersonCommits("b.txt", "b\n", "task/2");
        var closed = _scene.PersonCommits("c.txt", "c\n", "task/3");
        Task<GateVerdict> OfAsync(string commit, long number) => AskAsync(commit, new MergeableGate(_scene.Repositories, new MergeProbe(_scene.Runner, _scene.Repositories), forge), number);
        foreach (var (branch, title) in new[] { ("task/1", "A"), ("task/2", "WIP: B"), ("task/3", "C") })
            await forge.OpenAsync(GitScene.Repository, branch, "main", title, "", default);
        await gitea.CloseAsync(GitScene.Repository, 3, "ada");

        Assert.Equal(GateAnswer.Passed, (await OfAsync(head, 1)).Answer);
        Assert.Equal(GateAnswer.NotYet, (await OfAsync(draft, 2)).Answer);
        Assert.Equal(GateAnswer.CannotTell, (await OfAsync(closed, 3)).Answer);
        await forge.MergeAsync(GitScene.Repository, 1, head, deleteBranch: true, default);
        _scene.PersonCommits("a.txt", "changed since\n"); // a merge of what is merged would conflict
        Assert.Equal(new GateVerdict(GateAnswer.Passed, "Pull request 1 is merged."), await OfAsync(head, 1));
    }

    private Task<GateVerdict> AskAsync(string? head, IGate? gate = null, long? pullRequest = null) => (gate ?? new MergeableGate(_scene.Repositories, new MergeProbe(_scene.Runner, _scene.Repositories))).EvaluateAsync(
        new GateEvidence(
            new DeliveryTask { Repository = GitScene.Repository, Branch = "task/1", HeadSha = head, PullRequest = pullRequest },
            new Stage("deploy", new Worker.Reserved(ReservedJob.Deploy), ["check_branch_mergeable"], [], new OnFailure.Hold(), null, TimeSpan.FromDays(1), true), new Dictionary<string, TaskArtifact>()),
        default);
}
