using Orchestrator.Local.StandIns;
using Orchestrator.Service.Delivery.Tracker;
using Orchestrator.Service.Remote;
using Orchestrator.Tests.Delivery.Forge;

namespace Orchestrator.Tests.Delivery.Tracker;

[Trait("Requirement", "FLOW-4")]
public sealed class PlaneClientTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Guid Person = Guid.NewGuid();
    private PlaneStandIn _plane = null!;
    private PlaneClient _tracker = null!;

    public async Task InitializeAsync()
    {
        _plane = await PlaneStandIn.StartAsync(TimeProvider.System);
        _tracker = Servers.ClientOf(_plane);
    }

    public async Task DisposeAsync() => await _plane.DisposeAsync();

    [Fact]
    public async Task A_work_item_is_found_by_id_and_by_key()
    {
        var id = _plane.Create("Zähler", "<p>eins</p><p>zwei</p>", Person);

        var item = (await _tracker.FindAsync(_plane.Project, id, None))!;

        Assert.Equal((id, _plane.Project, 1L, "Zähler", "eins\nzwei", _plane.States["Todo"]), (item.Id, item.Project, item.Sequence, item.Name, item.Text, item.State));
        Assert.Equal(id, (await _tracker.FindAsync("PROJ-1", None))!.Id);
        Assert.Null(await _tracker.FindAsync("PROJ-2", None));
        Assert.Null(await _tracker.FindAsync(_plane.Project, Guid.NewGuid(), None));
        await Assert.ThrowsAsync<ArgumentException>(() => _tracker.FindAsync("../users/me", None));
        Assert.All(_plane.Journal, request => Assert.EndsWith("/", request.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_state_is_set_by_our_word_for_it_and_written_only_when_it_changes()
    {
        var id = _plane.Create("a", "", Person);

        Assert.Equal(StateSet.Moved, await _tracker.SetStateAsync(_plane.Project, id, "development", false, None));
        Assert.Equal("In Progress", _plane.StateOf(id));
        Assert.Equal(StateSet.WasThere, await _tracker.SetStateAsync(_plane.Project, id, "development", false, None));
        Assert.Equal(StateSet.Moved, await _tracker.SetStateAsync(_plane.Project, id, "Done", false, None));
        Assert.Equal(StateSet.NoState, await _tracker.SetStateAsync(_plane.Project, id, "nothing", false, None));
        Assert.Equal(StateSet.NoState, await _tracker.SetStateAsync(_plane.Project, id, "lost", false, None));
        Assert.Equal(StateSet.NoItem, await _tracker.SetStateAsync(_plane.Project, Guid.NewGuid(), "done", false, None));
        Assert.Equal(2, _plane.Journal.Count(request => request.Method == "PATCH"));
    }

    [Fact]
    public async Task Labels_replace_those_that_were_there()
    {
        var id = _plane.Create("a", "", Person);
        var (one, two) = (Guid.NewGuid(), Guid.NewGuid());

        await _tracker.SetLabelsAsync(_plane.Project, id, [one], None);
        await _tracker.SetLabelsAsync(_plane.Project, id, [two, two], None);

        Assert.Equal([two], (await _tracker.FindAsync(_plane.Project, id, None))!.Labels);
    }

    [Fact]
    public async Task A_comment_is_written_once_for_its_key_and_nothing_in_it_is_markup()
    {
        var id = _plane.Create("a", "", Person);

        var first = await _tracker.CommentAsync(_plane.Project, id, "run:7", "1 < 2 & <script>", None);
        var again = await _tracker.CommentAsync(_plane.Project, id, "run:7", "another", None);

        Assert.Equal((false, true, first.Id), (first.Existed, again.Existed, again.Id));
        Assert.Equal(["<p>1 &lt; 2 &amp; &lt;script&gt;</p>"], _plane.CommentsOf(id));
        var read = Assert.Single(await _tracker.CommentsAsync(_plane.Project, id, None));
        Assert.Equal((true, "1 < 2 & <script>"), (read.Own, read.Text));
    }

    [Fact]
    public async Task A_comment_whose_answer_was_lost_can_be_sent_again()
    {
        var id = _plane.Create("a", "", Person);
        _plane.Fail("POST", "/comments/", new StandInFault.Cut(CarriedOut: true));

        Assert.True((await Assert.ThrowsAsync<RemoteException>(() => _tracker.CommentAsync(_plane.Project, id, "k", "x", None))).IsUncertain);
        Assert.True((await _tracker.CommentAsync(_plane.Project, id, "k", "x", None)).Existed);
        Assert.Single(_plane.CommentsOf(id));
    }

    [Fact]
    public async Task A_server_that_counts_down_to_zero_is_not_asked_again_before_its_reset()
    {
        var id = _plane.Create("a", "", Person);
        _plane.Allowed = 1;

        Assert.NotNull(await _tracker.FindAsync(_plane.Project, id, None));
        var limited = await Assert.ThrowsAsync<RemoteException>(() => _tracker.FindAsync(_plane.Project, id, None));

        Assert.Equal(RemoteFault.RateLimited, limited.Fault);
        Assert.InRange(limited.RetryAfter!.Value.TotalSeconds, 20, 31);
        Assert.Single(_plane.Journal);
    }

    [Theory]
    [InlineData("30", "{}")]
    [InlineData(null, """{"detail":"Request was throttled. Expected available in 30 seconds."}""")]
    public async Task A_refusal_for_now_states_when_to_come_again_in_a_header_or_in_words(string? after, string json)
    {
        _plane.Fail("GET", "/users/me/", new StandInFault.Answer(429, json, after));

        var limited = await Assert.ThrowsAsync<RemoteException>(() => _tracker.PreflightAsync(None));

        Assert.Equal((RemoteFault.RateLimited, TimeSpan.FromSeconds(30)), (limited.Fault, limited.RetryAfter));
    }

    [Fact]
    public async Task The_states_are_listed_and_a_wrong_key_is_said_so()
    {
        Assert.Equal(_plane.States.Keys.Order(), (await _tracker.StatesAsync(_plane.Project, None)).Select(state => state.Name).Order());
        Assert.Equal(_plane.Bot, await _tracker.PreflightAsync(None));
        Assert.Equal(RemoteFault.Unauthorized, (await Assert.ThrowsAsync<RemoteException>(() => Servers.ClientOf(_plane, key: "plane_api_wrong").PreflightAsync(None))).Fault);
    }
}
