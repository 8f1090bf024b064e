using Orchestrator.Local.StandIns;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Gates;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Finalize;
using Orchestrator.Tests.Delivery.Forge;

namespace Orchestrator.Tests.Delivery.Gates;

/// <summary>Gates that ask the forge, over a repository that git moves.</summary>
[Trait("Requirement", "FLOW-2")]
public sealed class ForgeGateTests : IAsyncLifetime
{
    private const string Branch = "task/7";
    private ScratchRepository _repository = null!;
    private GiteaStandIn _gitea = null!;
    private GiteaClient _forge = null!;
    private string _head = "";
    private long _number;

    public async Task InitializeAsync()
    {
        _repository = await ScratchRepository.CreateAsync();
        _gitea = await GiteaStandIn.StartAsync(TimeProvider.System);
        _gitea.Serve(Servers.Repository, _repository.Bare);
        _forge = Servers.ClientOf(_gitea);
        _head = await _repository.PushAsync(Branch, "main", "a", "a\n");
        _number = (await _forge.OpenAsync(Servers.Repository, Branch, "main", "A", "", default)).PullRequest.Number;
    }

    public async Task DisposeAsync()
    {
        await _gitea.DisposeAsync();
        _repository.Dispose();
    }

    [Fact]
    public async Task An_approval_counts_for_the_head_that_was_approved_and_for_no_later_one()
    {
        Assert.Equal(GateAnswer.NotYet, (await ApprovedAsync()).Answer);
        await _gitea.ReviewAsync(Servers.Repository, _number, "ada", "COMMENT", "Looks fine to me.");
        Assert.Equal(GateAnswer.NotYet, (await ApprovedAsync()).Answer);
        await _gitea.ReviewAsync(Servers.Repository, _number, "ada", "APPROVED");
        Assert.Equal(new GateVerdict(GateAnswer.Passed, "Approved by ada."), await ApprovedAsync());

        var later = await _repository.PushAsync(Branch, null, "b", "b\n");

        var behind = await ApprovedAsync(); // the task still knows the head that was approved
        Assert.Equal(new GateVerdict(GateAnswer.NotYet, $"The forge shows {later} as the head, and the task's last stage left {_head}."), behind);
        _head = later;
        Assert.Equal(new GateVerdict(GateAnswer.NotYet, $"Nobody has approved {later} yet."), await ApprovedAsync());
        await _gitea.ReviewAsync(Servers.Repository, _number, "ada", "APPROVED");
        Assert.Equal(GateAnswer.Passed, (await ApprovedAsync()).Answer);
    }

    [Fact]
    public async Task Whoever_asks_for_changes_fails_the_stage_with_these_words_whatever_others_say()
    {
        await _gitea.ReviewAsync(Servers.Repository, _number, "ben", "REQUEST_CHANGES", "Name the numbers.");
        await _gitea.ReviewAsync(Servers.Repository, _number, "ada", "APPROVED");

        Assert.Equal(new GateVerdict(GateAnswer.Failed, "ben asks for changes: Name the numbers."), await ApprovedAsync());

        await _gitea.ReviewAsync(Servers.Repository, _number, "ben", "APPROVED");
        Assert.Equal(GateAnswer.Passed, (await ApprovedAsync()).Answer);
    }

    [Fact]
    public async Task An_approval_that_the_branch_s_protection_does_not_count_counts_unless_the_settings_say_so()
    {
        await _gitea.ReviewAsync(Servers.Repository, _number, "eve", "APPROVED", official: false);

        Assert.Equal(GateAnswer.Passed, (await ApprovedAsync()).Answer);
        Assert.Equal(GateAnswer.NotYet, (await AskAsync(new ApprovedGate(_forge, new ForgeOptions { OfficialReviewsOnly = true }))).Answer);
    }

    [Fact]
    public async Task Checks_must_be_there_and_all_be_successes()
    {
        Assert.Equal(GateAnswer.NotYet, (await ChecksAsync()).Answer); // none at all
        await _gitea.StatusAsync(Servers.Repository, _head, "ci / test", "pending");
        Assert.Equal(GateAnswer.NotYet, (await ChecksAsync()).Answer);
        await _gitea.StatusAsync(Servers.Repository, _head, "ci / test", "success");
        Assert.Equal(GateAnswer.Passed, (await ChecksAsync()).Answer);
        await _gitea.StatusAsync(Servers.Repository, _head, "ci / lint", "failure");

        var failed = await ChecksAsync();
        Assert.Equal(GateAnswer.Failed, failed.Answer);
        Assert.Contains("ci / lint", failed.Reason, StringComparison.Ordinal);

        var later = await _repository.PushAsync(Branch, null, "b", "b\n"); // nobody has looked at this one, and no stage of the task has left it
        await _gitea.StatusAsync(Servers.Repository, later, "ci / test", "success");
        Assert.Equal(GateAnswer.NotYet, (await ChecksAsync()).Answer);
        _head = await _repository.PushAsync(Branch, null, "c", "c\n");
        Assert.Equal(new GateVerdict(GateAnswer.NotYet, $"The checks of {_head} are not through."), await ChecksAsync());
    }

    [Fact]
    public async Task What_the_service_says_of_its_own_stages_is_no_check()
    {
        await _forge.SetStatusAsync(Servers.Repository, _head, new CommitStatus("orchestrator/testing", StatusState.Success), default);
        Assert.Equal(GateAnswer.NotYet, (await ChecksAsync()).Answer);

        // Its own stage is under way while it waits for the checks of others.
        await _forge.SetStatusAsync(Servers.Repository, _head, new CommitStatus("orchestrator/review", StatusState.Pending), default);
        await _gitea.StatusAsync(Servers.Repository, _head, "ci", "success");
        Assert.Equal(new GateVerdict(GateAnswer.Passed, $"All 1 checks of {_head} succeed."), await ChecksAsync());
    }

    [Fact]
    public async Task Without_an_open_pull_request_nobody_can_tell()
    {
        Assert.Equal(GateAnswer.NotYet, (await AskAsync(new ChecksGate(_forge), new DeliveryTask { Repository = Servers.Repository, Branch = "task/8" })).Answer);
        // Found by its branch where the number is not known.
        await _gitea.ReviewAsync(Servers.Repository, _number, "ada", "APPROVED");
        Assert.Equal(GateAnswer.Passed, (await AskAsync(new ApprovedGate(_forge, new ForgeOptions()), new DeliveryTask { Repository = Servers.Repository, Branch = Branch, HeadSha = _head })).Answer);

        await _gitea.CloseAsync(Servers.Repository, _number, "ada");

        var closed = await ApprovedAsync();
        Assert.Equal(GateAnswer.CannotTell, closed.Answer);
        Assert.Contains("closed without a merge", closed.Reason, StringComparison.Ordinal);
    }

    private Task<GateVerdict> ApprovedAsync() => AskAsync(new ApprovedGate(_forge, new ForgeOptions()));

    private Task<GateVerdict> ChecksAsync() => AskAsync(new ChecksGate(_forge));

    private Task<GateVerdict> AskAsync(IGate gate, DeliveryTask? task = null) => gate.EvaluateAsync(
        new GateEvidence(
            task ?? new DeliveryTask { Repository = Servers.Repository, Branch = Branch, PullRequest = _number, HeadSha = _head },
            new Stage("review", new Worker.Agent("agent", "review.md"), [], [gate.Name], new OnFailure.Hold(), null, TimeSpan.FromDays(1), true), new Dictionary<string, TaskArtifact>()),
        default);
}
