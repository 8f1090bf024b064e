using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Local.StandIns;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Reserved;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Tests.Delivery.Git;
using Orchestrator.Tests.Infrastructure;
using static Orchestrator.Tests.Delivery.TaskScene;

namespace Orchestrator.Tests.Delivery.Reserved;

/// <summary>Whatever is lost between the steps of a delivery, the next run of it finds what was done and does the rest: counted at the forge and in its repository.</summary>
[Trait("Requirement", "FLOW-5")]
[Trait("Requirement", "MRG-2")]
public sealed class DeployStageTests : IAsyncLifetime
{
    private const string Agent = """
        set -e
        name=$(basename "$PWD")
        case $1 in
          development) echo work > "$name.txt" ;;
          testing)     ON_TESTING; printf 'result: PASS\n' > .task/13-test-report.md ;;
        esac
        """;

    private readonly Stops _stops = new();
    private readonly TaskScene _scene = new()
    {
        Pipeline = """
            stages:
              - {name: development, agent: agent, prompt: development.md, gates: [check_branch_has_work], on-failure: development}
              - {name: testing, agent: agent, prompt: testing.md, gates: [check_tests_passed], on-failure: development}
              - {name: deploy, job: deploy, gates: [check_merged], on-failure: development, on-new-head: testing}
            """,
    };

    private GiteaStandIn _forge = null!;
    private string _bare = "";

    public async Task InitializeAsync()
    {
        _forge = await GiteaStandIn.StartAsync(TimeProvider.System);
        _bare = _scene.MakeRepository("team/app");
        _forge.Serve("team/app", _bare);
        await File.WriteAllTextAsync(Path.Combine(_scene.Folder, "token"), _forge.Token);
        _scene.Replace = services =>
        {
            var client = services.Single(service => service.ServiceType == typeof(IForge)).ImplementationFactory!;
            services.AddSingleton<IForge>(provider => new StoppingForge((IForge)client(provider), _stops));
            services.Remove(services.Single(service => service.ImplementationType == typeof(DeployStage)));
            services.AddTransient<IStageWork, DeployStage>(); // a fresh one for each run, as after a restart
        };
    }

    public async Task DisposeAsync()
    {
        await _forge.DisposeAsync();
        _scene.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stopped_after_any_call_of_the_forge_it_goes_on_where_it_was_and_doubles_nothing(bool baseMoves)
    {
        await using var node = await StartAsync(baseMoves);
        var stopped = true;
        for (var call = 1; stopped; call++)
        {
            _stops.After(call);
            await DeliverAsync(node, $"stopped after call {call}");
            stopped = _stops.Happened;
            Assert.True(stopped || call > 5, $"A delivery has more than {call - 1} calls.");
        }
    }

    [Theory]
    [InlineData("/pulls")]
    [InlineData("/merge")]
    [InlineData("/comments")]
    [InlineData("/statuses")]
    public async Task An_answer_that_is_lost_doubles_nothing_whether_it_was_carried_out_or_not(string path)
    {
        _stops.After(int.MaxValue);
        await using var node = await StartAsync(baseMoves: false);

        _forge.Fail("POST", path, new StandInFault.Cut(CarriedOut: true));
        await DeliverAsync(node, "carried out");
        _forge.Fail("POST", path, new StandInFault.Cut(CarriedOut: false));
        await DeliverAsync(node, "not carried out");
    }

    [Fact]
    [Trait("Requirement", "OPS-5")]
    public async Task Where_merging_is_switched_off_the_task_is_held_and_nothing_is_said_to_the_forge()
    {
        _stops.After(int.MaxValue);
        await using var node = await StartAsync(baseMoves: false, ("Delivery:Merging:Enabled", "false"), ("Sweeps:Enabled", "true"), ("Delivery:SweepInterval", "00:00:01"));

        var task = await BecomesAsync(node, await OpenAsync(node), "Held");

        Assert.Equal("Merging is switched off by Orchestrator:Delivery:Merging:Enabled. Switch it on, then retry the stage.", task.Reason);
        Assert.DoesNotContain(_forge.Journal, request => request.Method == "POST");
    }

    private async Task DeliverAsync(TestNode node, string how)
    {
        var (requests, merges) = (_forge.Journal.Count, Merges());

        var id = await OpenAsync(node, title: how);
        var task = await BecomesAsync(node, id, "Done");

        var posted = _forge.Journal.Skip(requests).Where(request => request.Method == "POST").ToList();
        // Lost answers count: the server did what they would have told.
        var (pulls, comments, statuses) = (task.PullRequest!.Value, posted.Count(request => request.Path.EndsWith("/comments", StringComparison.Ordinal) && request.Status == 201), posted.Count(request => request.Path.Contains("/statuses/", StringComparison.Ordinal) && request.Status == 201));
        Assert.Equal((how, 1, 0), (how, Merges() - merges, task.Retries));
        Assert.InRange(comments, 0, 1);
        Assert.InRange(statuses, 0, 1);
        var forge = new Looking(_forge);
        Assert.Equal((how, 1, 1, 1), (how, await forge.PullsAsync(task.Branch), await forge.CommentsAsync(pulls), await forge.StatusesAsync(GitScene.Run(_bare, "rev-parse", "main"))));
        Assert.Equal("", GitScene.Run(_bare, "branch", "--list", task.Branch));
        await using var connection = await node.Database.OpenConnectionAsync();
        var merge = (await TaskLedger.ArtifactsAsync(connection, id, CancellationToken.None)).Single(artifact => artifact.Name == "16-merge.md");
        Assert.Contains("merge: DONE", merge.Content, StringComparison.Ordinal);
        Assert.Contains($"git revert -m 1 {GitScene.Run(_bare, "rev-parse", "main")}", RollbackTask.Of(task, MergeRecord.Read(merge.Content), []).Description, StringComparison.Ordinal);
    }

    private int Merges() => int.Parse(GitScene.Run(_bare, "rev-list", "--merges", "--count", "main"), CultureInfo.InvariantCulture);

    private Task<TestNode> StartAsync(bool baseMoves, params (string, string)[] settings)
    {
        // Somebody else pushes to main, once for each task.
        var clone = Path.Combine(_scene.Folder, "somebody");
        var move = $"[ -e {clone}-$name ] || ( git clone -q {_bare} {clone}-$name && cd {clone}-$name && echo other > other-$name && git add --all && git -c user.name=S -c user.email=s@example.org commit -qm Other && git push -q origin main )";
        _scene.Script = Agent.Replace("ON_TESTING", baseMoves ? move : "true");
        return _scene.StartAsync(
        [
            ("Delivery:ReportsEnabled", "false"), // so that all that the forge hears is the stage's own
            ("Forge:Url", _forge.Url.ToString()), ("Forge:Token:File", Path.Combine(_scene.Folder, "token")), ("Delivery:Merging:PollInterval", "00:00:01"), ("Delivery:Merging:RetryWait", "00:00:01"), .. settings,
        ]);
    }

    /// <summary>What the server has, asked as anybody would.</summary>
    private sealed class Looking(GiteaStandIn gitea)
    {
        private readonly GiteaClient _client = Forge.Servers.ClientOf(gitea);

        public async Task<int> PullsAsync(string branch)
        {
            using var http = new HttpClient { BaseAddress = gitea.Url };
            http.DefaultRequestHeaders.Add("Authorization", $"token {gitea.Token}");
            using var all = System.Text.Json.JsonDocument.Parse(await http.GetStringAsync(new Uri("/api/v1/repos/team/app/pulls?state=all&limit=50", UriKind.Relative)));
            return all.RootElement.EnumerateArray().Count(pull => pull.GetProperty("head").GetProperty("ref").GetString() == branch);
        }

        public async Task<int> CommentsAsync(long number) => (await _client.CommentsAsync("team/app", number, null, CancellationToken.None)).Count;

        public async Task<int> StatusesAsync(string commit) => (await _client.StatusAsync("team/app", commit, CancellationToken.None)).Statuses.Count;
    }
}
