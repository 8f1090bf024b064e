using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Local.StandIns;
using Orchestrator.Service.Delivery;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Reconcile;
using Orchestrator.Service.Delivery.Tracker;
using Orchestrator.Service.Delivery.Webhooks;
using Orchestrator.Service.Remote;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Delivery.Forge;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Delivery.Reconcile;

/// <summary>Two servers, a node, and webhooks that come, or get lost.</summary>
[Trait("Requirement", "FLOW-4")]
public sealed class ReconcilerTests : IAsyncLifetime
{
    private const string Variable = "ORCHESTRATOR_TESTS_HOOKS";
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Guid Person = Guid.NewGuid();
    private readonly ConcurrentQueue<Fact> _facts = new();
    private ScratchRepository _repository = null!;
    private GiteaStandIn _gitea = null!;
    private PlaneStandIn _plane = null!;
    private TestNode _node = null!;

    public async Task InitializeAsync()
    {
        Environment.SetEnvironmentVariable(Variable, "shared by both");
        _repository = await ScratchRepository.CreateAsync();
        (_gitea, _plane) = (await GiteaStandIn.StartAsync(TimeProvider.System), await PlaneStandIn.StartAsync(TimeProvider.System));
        _gitea.Serve(Servers.Repository, _repository.Bare);
        Environment.SetEnvironmentVariable("ORCHESTRATOR_TESTS_FORGE_TOKEN", _gitea.Token);
        Environment.SetEnvironmentVariable("ORCHESTRATOR_TESTS_TRACKER_KEY", _plane.Key);
        _node = await TestNode.StartAsync(
            new Dictionary<string, Func<JobRun, CancellationToken, Task<JobOutcome>>>
            {
                ["deliveries"] = (run, _) =>
                {
                    foreach (var fact in Orchestrator.Service.Delivery.Webhooks.Delivery.Read(run.Payload).Facts)
                        _facts.Enqueue(fact);
                    return Task.FromResult(JobOutcome.Done());
                },
            },
            new Dictionary<string, string?>
            {
                ["Webhooks:Gitea:Secret:Variable"] = Variable, ["Webhooks:Gitea:Bot"] = _gitea.Login, ["Webhooks:Plane:Secret:Variable"] = Variable, ["Webhooks:Plane:Bot"] = _plane.Bot.ToString(),
                ["Forge:Url"] = _gitea.Url.ToString(), ["Forge:Token:Variable"] = "ORCHESTRATOR_TESTS_FORGE_TOKEN",
                ["Tracker:Url"] = _plane.Url.ToString(), ["Tracker:Token:Variable"] = "ORCHESTRATOR_TESTS_TRACKER_KEY", ["Tracker:Workspace"] = _plane.Workspace,
            });
        _gitea.HookTo(new Uri(_node.Url, "/webhooks/gitea"), "shared by both");
        _plane.HookTo(new Uri(_node.Url, "/webhooks/plane"), "shared by both");
    }

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        await _gitea.DisposeAsync();
        await _plane.DisposeAsync();
        _repository.Dispose();
    }

    [Fact]
    public async Task What_the_servers_report_arrives_as_facts_and_what_the_service_did_itself_does_not()
    {
        await ALifeAsync();
        await QuietAsync();

        await Eventually.IsTrueAsync(() => _facts.Count == 7, $"seven facts came: {string.Join(", ", _facts.Select(fact => fact.GetType().Name))}");
        Assert.Equal(
            [nameof(PullRequestCommented), nameof(PullRequestMerged), nameof(PullRequestOpened), nameof(ReviewApproved), nameof(WorkItemCommented), nameof(WorkItemCreated), nameof(WorkItemStateChanged)],
            _facts.Select(fact => fact.GetType().Name).Order());
        Assert.All(_gitea.Sent.Concat(_plane.Sent), hook => Assert.Equal(System.Net.HttpStatusCode.Accepted, hook.Status));
    }

    [Fact]
    public async Task What_was_lost_is_found_by_looking_and_told_once_in_its_time()
    {
        (_gitea.LoseHooks, _plane.LoseHooks) = (true, true);
        var (known, item) = await ALifeAsync();
        await QuietAsync();
        Assert.Empty(_facts);
        var world = new World([known], [new KnownWorkItem(_plane.Project, item, _plane.States["Todo"], [], [], DateTimeOffset.MinValue)], [new KnownProject(_plane.Project, DateTimeOffset.MinValue)]);
        var now = TimeProvider.System.GetUtcNow(); // keys hold the day, and a midnight may come between two looks
        var reconciler = Reconciler(world, new Standing(now));

        Assert.Equal(5, await reconciler.RunAsync(None));
        Assert.Equal(0, await reconciler.RunAsync(None));

        await Eventually.IsTrueAsync(() => _facts.Count == 5, "five facts came");
        Assert.Equal([nameof(PullRequestCommented), nameof(PullRequestMerged), nameof(WorkItemCommented), nameof(WorkItemCreated), nameof(WorkItemStateChanged)], _facts.Select(fact => fact.GetType().Name).Order());
        // Nobody has acted on two of them: they are told again when their time is over.
        Assert.Equal(2, await Reconciler(world, new Standing(now + TimeSpan.FromDays(2))).RunAsync(None));
    }

    [Fact]
    public async Task What_was_told_by_webhook_and_happens_once_is_not_told_again()
    {
        var (known, item) = await ALifeAsync();
        await QuietAsync();
        await Eventually.IsTrueAsync(() => _facts.Count == 7, "seven facts came");

        // The task has not acted on the ends and moves yet, so those are told again; comments and the new item are not.
        Assert.Equal(2, await Reconciler(new World([known], [new KnownWorkItem(_plane.Project, item, _plane.States["Todo"], [], [], DateTimeOffset.MinValue)], [new KnownProject(_plane.Project, DateTimeOffset.MinValue)])).RunAsync(None));
    }

    [Fact]
    [Trait("Requirement", "SEC-3")]
    public async Task The_clients_of_a_node_use_its_settings_and_carry_a_token_to_no_other_address()
    {
        var (forge, tracker) = (_node.Services.GetRequiredService<IForge>(), _node.Services.GetRequiredService<ITracker>());
        Assert.Equal(_gitea.Login, (await forge.PreflightAsync(None)).Login);
        Assert.Equal(_plane.Bot, await tracker.PreflightAsync(None));

        await using var other = await GiteaStandIn.StartAsync(TimeProvider.System);
        _gitea.Fail("GET", "/version", new StandInFault.Answer(302, "{}", Location: new Uri(other.Url, "/api/v1/version")));

        Assert.Equal(RemoteFault.Refused, (await Assert.ThrowsAsync<RemoteException>(() => forge.PreflightAsync(None))).Fault);
        Assert.Empty(other.Journal);
    }

    [Fact]
    public async Task A_server_that_is_away_keeps_the_other_from_nothing()
    {
        var item = _plane.Create("a", "", Person);
        _plane.Move(item, "Done", Person);
        await QuietAsync();
        await _gitea.DisposeAsync();

        var world = new World([Known(1, new string('1', 40))], [new KnownWorkItem(_plane.Project, item, _plane.States["Todo"], [], [], DateTimeOffset.MinValue)], []);

        Assert.Equal(1, await Reconciler(world).RunAsync(None));
    }

    /// <summary>A pull request that is opened, commented, approved and merged, and an item that is written, moved and commented; the last word of each is the service's own.</summary>
    private async Task<(KnownPullRequest PullRequest, Guid Item)> ALifeAsync()
    {
        var forge = Servers.ClientOf(_gitea);
        var tracker = Servers.ClientOf(_plane);
        var head = await _repository.PushAsync("feature/T-1", "main", "a", "a\n");
        var number = (await forge.OpenAsync(Servers.Repository, "feature/T-1", "main", "A", "", None)).PullRequest.Number;
        await _gitea.CommentAsync(Servers.Repository, number, "ada", "/approve");
        await _gitea.ReviewAsync(Servers.Repository, number, "ada", "APPROVED");
        await forge.CommentAsync(Servers.Repository, number, "k", "mine", None);
        await forge.SetStatusAsync(Servers.Repository, head, new("orchestrator/gate", StatusState.Success), None);
        await forge.MergeAsync(Servers.Repository, number, head, false, None);
        var item = _plane.Create("a", "", Person);
        _plane.Move(item, "In Progress", Person);
        _plane.Comment(item, "<p>go</p>", Person);
        await tracker.CommentAsync(_plane.Project, item, "k", "mine", None);
        await tracker.SetLabelsAsync(_plane.Project, item, [], None);
        return (Known(number, head), item);
    }

    private static KnownPullRequest Known(long number, string head) => new(new PullRequestAt(Servers.Repository, number, "feature/T-1", head, "main"), 0, ChecksState.None, [], DateTimeOffset.MinValue);

    private async Task QuietAsync()
    {
        await _gitea.QuietAsync();
        await _plane.QuietAsync();
    }

    private Reconciler Reconciler(World world, TimeProvider? time = null) =>
        new(world, _node.Jobs, new WebhookOptions { TellAgain = TimeSpan.FromDays(1) }, new DeliveryOptions(), time ?? TimeProvider.System, NullLogger<Reconciler>.Instance, Servers.ClientOf(_gitea), Servers.ClientOf(_plane));

    private sealed class Standing(DateTimeOffset at) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => at;
    }

    private sealed record World(IReadOnlyList<KnownPullRequest> Pulls, IReadOnlyList<KnownWorkItem> Items, IReadOnlyList<KnownProject> Projects) : IKnownWork
    {
        public Task<IReadOnlyList<KnownPullRequest>> PullRequestsAsync(CancellationToken cancellation) => Task.FromResult(Pulls);

        public Task<IReadOnlyList<KnownWorkItem>> WorkItemsAsync(CancellationToken cancellation) => Task.FromResult(Items);

        public Task<IReadOnlyList<KnownProject>> ProjectsAsync(CancellationToken cancellation) => Task.FromResult(Projects);

        public Task<IReadOnlySet<Guid>> WithTaskAsync(IReadOnlyCollection<Guid> items, CancellationToken cancellation) => Task.FromResult<IReadOnlySet<Guid>>(new HashSet<Guid>());
    }
}
