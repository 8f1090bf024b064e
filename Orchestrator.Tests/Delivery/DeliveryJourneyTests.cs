using Orchestrator.Local.StandIns;
using Orchestrator.Tests.Delivery.Git;
using Orchestrator.Tests.Infrastructure;
using static Orchestrator.Tests.Delivery.TaskScene;

namespace Orchestrator.Tests.Delivery;

/// <summary>From a request to a merged branch: real agents, real git, a forge that merges with git.</summary>
public sealed class DeliveryJourneyTests : IAsyncLifetime
{
    private const string Agent = """
        set -e
        case $1 in
          analysis)       printf '# Analysis\n\nIt adds numbers.\n' > .task/01-analysis.md ;;
          architecture)   printf '# Architecture\n\nOne function.\n' > .task/02-architecture.md ;;
          development)    if grep -q 'sent back' .task/prompt.md; then git -c user.name=A -c user.email=a@example.org merge -q -X theirs -m 'Take main' refs/remotes/origin/main; fi
                          printf 'echo $(($1 + $2))\n' > add.sh; ON_DEVELOPMENT ;;
          review)         printf 'verdict: APPROVED\n' > .task/12-review.md ;;
          testing)        [ "$(bash add.sh 2 2)" = 4 ] && printf 'result: PASS\n' > .task/13-test-report.md ;;
          deploy-staging) ON_STAGING; printf 'staging_status: SUCCESS\n' > .task/15-staging-log.md ;;
        esac
        """;

    private readonly TaskScene _scene = new();
    private GiteaStandIn _forge = null!;
    private string _bare = "";

    public async Task InitializeAsync()
    {
        _forge = await GiteaStandIn.StartAsync(TimeProvider.System);
        _bare = _scene.MakeRepository("team/app");
        _forge.Serve("team/app", _bare);
        await File.WriteAllTextAsync(Path.Combine(_scene.Folder, "token"), _forge.Token);
    }

    public async Task DisposeAsync()
    {
        await _forge.DisposeAsync();
        _scene.Dispose();
    }

    [Fact]
    [Trait("Requirement", "FLOW-1")]
    [Trait("Requirement", "FLOW-5")]
    [Trait("Requirement", "MRG-2")]
    public async Task What_agents_made_is_merged_by_the_forge_and_the_task_is_done()
    {
        await using var node = await StartAsync(onDevelopment: "true", onStaging: "true");

        var task = await BecomesAsync(node, await OpenAsync(node, title: "Add numbers"), "Done");

        Assert.Equal(0, task.Retries);
        Assert.Equal("echo $(($1 + $2))", GitScene.Run(_bare, "show", "main:add.sh"));
        Assert.Equal(1L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task_artifact WHERE name = '16-merge.md' AND content LIKE '%merge: DONE%'"));
        Assert.Equal("1", GitScene.Run(_bare, "rev-list", "--merges", "--count", "main"));
    }

    [Fact]
    [Trait("Requirement", "MRG-2")]
    public async Task Where_the_base_has_moved_the_branch_is_rebased_and_what_lands_has_been_tested_as_it_is()
    {
        var move = Move("OTHER.md", "other");
        await using var node = await StartAsync(onDevelopment: "true", onStaging: move);

        var id = await OpenAsync(node, title: "Add numbers");

        var task = await BecomesAsync(node, id, "Done");
        Assert.Equal((0, 1), (task.Retries, task.NewHeads));
        Assert.Equal("other", GitScene.Run(_bare, "show", "main:OTHER.md"));
        Assert.Equal("echo $(($1 + $2))", GitScene.Run(_bare, "show", "main:add.sh"));
        Assert.Equal(
            ["testing Advanced", "deploy-staging Advanced", "deploy Advanced", "testing Advanced", "deploy-staging Advanced", "deploy Advanced", "post-deploy Completed"],
            (await TimelineAsync(node, id)).Select(line => $"{line.Stage} {line.What}").Skip(5));
    }

    [Fact]
    [Trait("Requirement", "MRG-3")]
    public async Task A_conflict_goes_back_to_development_with_what_is_in_conflict()
    {
        await using var node = await StartAsync(onDevelopment: "grep -q 'sent back' .task/prompt.md || echo mine > README.md", onStaging: Move("README.md", "theirs"));

        var id = await OpenAsync(node, title: "Add numbers");

        var task = await BecomesAsync(node, id, "Done");
        Assert.Equal(1, task.Retries);
        var detail = (await TimelineAsync(node, id)).Single(line => line.What == "SentBack").Detail;
        Assert.Contains("README.md", detail, StringComparison.Ordinal);
        Assert.Contains("check_branch_mergeable", detail, StringComparison.Ordinal); // told before the work begins
    }

    // Somebody else pushes to main, once.
    private string Move(string file, string content)
    {
        var clone = Path.Combine(_scene.Folder, "somebody");
        return $"[ -e {clone} ] || ( git clone -q {_bare} {clone} && cd {clone} && echo {content} > {file} && git add --all && git -c user.name=S -c user.email=s@example.org commit -qm Other && git push -q origin main )";
    }

    private Task<TestNode> StartAsync(string onDevelopment, string onStaging)
    {
        _scene.Script = Agent.Replace("ON_DEVELOPMENT", onDevelopment).Replace("ON_STAGING", onStaging);
        return _scene.StartAsync(("Forge:Url", _forge.Url.ToString()), ("Forge:Token:File", Path.Combine(_scene.Folder, "token")), ("Delivery:Merging:PollInterval", "00:00:01"));
    }
}
