using System.Text;
using Orchestrator.Service.Delivery.Webhooks;

namespace Orchestrator.Tests.Delivery.Webhooks;

[Trait("Requirement", "FLOW-4")]
public sealed class PlaneReadingTests
{
    private static readonly PlaneWebhookOptions Options = new() { Bot = Payloads.Bot.ToString() };
    private static readonly Guid[] Two = [Payloads.Todo, Payloads.Doing];

    public static TheoryData<byte[], object> Kinds => new()
    {
        { Payloads.ItemCreated(), new WorkItemCreated(Payloads.Project, Payloads.Item, 12, "Zähler") },
        { Payloads.ItemChanged("state_id", Payloads.Doing), new WorkItemStateChanged(Payloads.Project, Payloads.Item, Payloads.Doing) },
        { Payloads.ItemChanged("state", Payloads.Doing), new WorkItemStateChanged(Payloads.Project, Payloads.Item, Payloads.Doing) },
        { Payloads.ItemChanged("label_ids", Two), new WorkItemLabelsChanged(Payloads.Project, Payloads.Item) },
        { Payloads.ItemChanged("labels", Two), new WorkItemLabelsChanged(Payloads.Project, Payloads.Item) },
        { Payloads.ItemChanged("assignee_ids", Two), new WorkItemAssigneesChanged(Payloads.Project, Payloads.Item) },
        { Payloads.ItemChanged("assignees", Two), new WorkItemAssigneesChanged(Payloads.Project, Payloads.Item) },
        { Payloads.ItemChanged("priority", "high"), WhyNothing.MovesNothing },
        { Payloads.ItemChanged("state", Payloads.Doing, actor: Payloads.Bot), WhyNothing.Own },
        { Payloads.ItemCommented(), new WorkItemCommented(Payloads.Project, Payloads.Item, Guid.Parse("c0c0c0c0-0000-4000-8000-000000000007"), Payloads.Person, "/approve & go") },
        { Payloads.ItemCommented(actor: Payloads.Bot), WhyNothing.Own },
        { Payloads.ItemCommented("updated"), WhyNothing.MovesNothing },
        { Payloads.ProjectDeleted(), new ProjectDeleted(Payloads.Project) },
        { Encoding.UTF8.GetBytes($$"""{"event":"issue","action":"delete","data":{"id":"{{Payloads.Item}}"} }"""), new WorkItemDeleted(null, Payloads.Item) },
        { Encoding.UTF8.GetBytes($$"""{"event":"cycle","action":"created","data":{"id":"{{Payloads.Item}}"} }"""), WhyNothing.UnknownKind },
        { Encoding.UTF8.GetBytes($$"""{"event":"workitem.updated","event_id":"e1","data":{"id":"{{Payloads.Item}}","project":"{{Payloads.Project}}","state":"{{Payloads.Todo}}"},"previous_attributes":{"state":"x","name":"y"} }"""),
            new WorkItemStateChanged(Payloads.Project, Payloads.Item, Payloads.Todo) },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_kind_is_read(byte[] body, object expected)
    {
        var read = PlaneReading.Read(body, Options);

        Assert.Equal(expected, read switch { Reading.News news => Assert.Single(news.Facts), Reading.Nothing nothing => nothing.Why, _ => read });
    }

    [Theory]
    [InlineData("create", "created")]
    [InlineData("created", "created")]
    public void Both_forms_of_a_verb_mean_the_same(string verb, string same)
    {
        var body = Encoding.UTF8.GetString(Payloads.ItemCreated()).Replace("\"created\"", $"\"{verb}\"", StringComparison.Ordinal);

        Assert.Equal(KeyOf(Payloads.ItemCreated()), KeyOf(Encoding.UTF8.GetBytes(body)));
        Assert.Equal("created", same);
    }

    [Fact]
    public void A_retry_whose_data_did_not_change_has_the_key_of_the_first_try()
    {
        Assert.Equal(KeyOf(Payloads.ItemChanged("state_id", Payloads.Doing)), KeyOf(Payloads.ItemChanged("state_id", Payloads.Doing)));
        // Read again from the database at the retry, without a later change of the item: only what stands beside it differs.
        Assert.Equal(KeyOf(Payloads.ItemChanged("state_id", Payloads.Doing)), KeyOf(Payloads.ItemChanged("state_id", Payloads.Doing, state: Payloads.Todo)));
    }

    [Fact]
    public void Moving_an_item_to_and_fro_is_told_each_time()
    {
        string[] keys =
        [
            KeyOf(Payloads.ItemChanged("state_id", Payloads.Doing, updated: "2026-06-07T16:00:00Z")),
            KeyOf(Payloads.ItemChanged("state_id", Payloads.Todo, updated: "2026-06-07T16:00:01Z")),
            KeyOf(Payloads.ItemChanged("state_id", Payloads.Doing, updated: "2026-06-07T16:00:02Z")),
        ];

        Assert.Equal(3, keys.Distinct().Count());
    }

    [Fact]
    public void Several_fields_changed_at_once_come_as_several_deliveries_and_each_counts()
    {
        Assert.NotEqual(KeyOf(Payloads.ItemChanged("state_id", Payloads.Doing)), KeyOf(Payloads.ItemChanged("label_ids", Two)));
    }

    [Fact]
    public void Projects_that_are_not_listed_do_not_count()
    {
        var others = new PlaneWebhookOptions { Projects = { Guid.NewGuid().ToString() } };

        Assert.Equal(WhyNothing.NotListed, Assert.IsType<Reading.Nothing>(PlaneReading.Read(Payloads.ItemCreated(), others)).Why);
        Assert.Equal(WhyNothing.NotListed, Assert.IsType<Reading.Nothing>(PlaneReading.Read(Payloads.ProjectDeleted(), others)).Why);
    }

    [Fact]
    public void A_body_cut_anywhere_is_broken_and_never_something_else()
    {
        var body = Payloads.ItemChanged("state_id", Payloads.Doing);

        for (var length = 0; length < body.Length; length++)
            Assert.IsType<Reading.Broken>(PlaneReading.Read(body.AsMemory(0, length), Options));
    }

    [Theory]
    [InlineData("""{"event":"issue","data":{"id":"not-an-id"}}""")]
    [InlineData("""{"event":"issue","action":"created","data":{"id":"5d1a3f0c-2e0b-4f4e-8b6f-7c0e3f1d2a02"}}""")]
    [InlineData("""{"event":"workitem.updated","data":{"id":"5d1a3f0c-2e0b-4f4e-8b6f-7c0e3f1d2a02","project":"5d1a3f0c-2e0b-4f4e-8b6f-7c0e3f1d2a02"},"previous_attributes":{"\ud800":1}}""")]
    public void What_lacks_a_needed_part_is_broken(string body) => Assert.IsType<Reading.Broken>(PlaneReading.Read(Encoding.UTF8.GetBytes(body), Options));

    [Theory]
    [InlineData("<p>a</p><p>b &lt;c&gt;</p>", "a\nb <c>")]
    [InlineData("one<br/>two", "one\ntwo")]
    [InlineData("<mention-component id=\"x\"></mention-component> /go", "/go")]
    [InlineData("a < b", "a")]
    public void Markup_of_comments_becomes_text(string html, string text) => Assert.Equal(text, Html.ToText(html));

    [Fact]
    public void Text_becomes_markup_in_which_nothing_is_markup() =>
        Assert.Equal("<p>a &lt;script&gt; &amp; &quot;b&quot;<br/>c</p>", Html.Of("a <script> & \"b\"\nc"));

    private static string KeyOf(byte[] body) => Assert.IsType<Reading.News>(PlaneReading.Read(body, Options)).Key;
}
