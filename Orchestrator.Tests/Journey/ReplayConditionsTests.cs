using Orchestrator.Local;
using Orchestrator.Local.Replay;
using Orchestrator.Service.Permit;
using Orchestrator.Service.Receive;

namespace Orchestrator.Tests.Journey;

/// <summary>Each condition is really judged: a run that breaks one thing breaks one sentence.</summary>
public sealed class ReplayConditionsTests
{
    private static readonly MinimumFields Fields = new("A-1", "2026-03-04", "EUR", "10.50");
    private static readonly InvoiceMap Map = new([.. Enumerable.Range(1, 22).Select(page => new MappedInvoice(new Pages(page, page), Fields))]);

    [Fact]
    public void A_run_as_it_should_be_breaks_nothing() => Assert.All(Judge(Good), condition => Assert.Equal(Verdict.Holds, condition.Verdict));

    [Theory]
    [MemberData(nameof(Breaches))]
    public void A_breach_is_told(string sentence, ReplayRun run) =>
        Assert.Contains(sentence, Judge(run).Where(condition => condition.Verdict == Verdict.Broken).Select(condition => condition.Sentence));

    public static TheoryData<string, ReplayRun> Breaches() => new()
    {
        { "nothing is in any dead-letter queue", Good with { Left = new Dictionary<string, int> { ["p-ingestion_dlq"] = 1 } } },
        { "nothing is in any dead-letter queue", Good with { Left = new Dictionary<string, int> { ["p-ingestion_error"] = 1 } } },
        { "every child's job succeeded", Good with { Children = [Child(1, "Failed"), .. Good.Children.Skip(1)] } },
        { "the parent's job succeeded", Good with { Parent = null } },
        { "the heavy step ran 3 at once, never more", Good with { LanePermits = Good.LanePermits with { Peak = 4 } } },
        { "the heavy step ran 3 at once, never more", Good with { LanePermits = Good.LanePermits with { Peak = 2 } } },
        { "the heavy step ran 3 at once, never more", Good with { ProcessPermits = Good.ProcessPermits with { Peak = 4 } } },
        { "every message was received once", Good with { Deliveries = Good.Deliveries with { ByReceiveCount = new Dictionary<int, long> { [1] = 22, [2] = 1 } } } },
        { "every message was received once", Good with { Deliveries = Good.Deliveries with { ByReceiveCount = new Dictionary<int, long> { [1] = 22 } } } },
        { "all children were held by the process at once", Good with { Deliveries = Good.Deliveries with { MostHeld = 21 } } },
        { "the longest wait for a permit outlasted the visibility timeout", Good with { LanePermits = Good.LanePermits with { LongestWait = TimeSpan.FromSeconds(6) } } },
        { "the page ranges are right", Good with { Children = [Child(1) with { Pages = new Pages(1, 2) }, .. Good.Children.Skip(1)] } },
        { "the minimum fields are right", Good with { Children = [Child(1) with { Fields = Fields with { Gross = "10.05" } }, .. Good.Children.Skip(1)] } },
    };

    [Fact]
    public void With_a_permit_for_each_invoice_nobody_waits_and_that_is_no_breach()
    {
        var run = Good with { Permits = 22, LanePermits = Good.LanePermits with { Peak = 22, LongestWait = TimeSpan.Zero }, ProcessPermits = Good.ProcessPermits with { Peak = 22 } };

        Assert.DoesNotContain(Judge(run), condition => condition.Verdict == Verdict.Broken);
    }

    [Fact]
    public void A_field_that_the_text_does_not_give_may_be_missing_but_not_invented()
    {
        var extracted = Map.Documents.Select(document => document with { Fields = Fields with { Number = null } }).ToList();

        var missing = ReplayConditions.Judge(Good with { Children = [.. Good.Children.Select(child => child with { Fields = Fields with { Number = null } })] }, Map, extracted);
        var invented = ReplayConditions.Judge(Good with { Children = [.. Good.Children.Select(child => child with { Fields = Fields with { Number = "B-2" } })] }, Map, extracted);

        Assert.Equal((Verdict.Holds, "0 of 22 as a person reads them, 22 as far as their text gives them"), (missing[^1].Verdict, missing[^1].Seen));
        Assert.Equal(Verdict.Broken, invented[^1].Verdict);
    }

    [Fact]
    public void Of_a_file_that_nobody_mapped_ranges_and_fields_are_not_checked_and_neither_is_the_wait_if_it_is_small()
    {
        var small = Good with
        {
            Children = [Child(1), Child(2)],
            LanePermits = Good.LanePermits with { Peak = 2, LongestWait = TimeSpan.Zero },
            Deliveries = new DeliveryUse(0, 2, new Dictionary<int, long> { [1] = 3 }),
        };

        var conditions = ReplayConditions.Judge(small, null, []);

        Assert.DoesNotContain(conditions, condition => condition.Verdict == Verdict.Broken);
        Assert.Equal(5, conditions.Count(condition => condition.Verdict == Verdict.NotChecked));
    }

    private static ReplayRun Good { get; } = new()
    {
        Permits = 3,
        Pace = ReplayPace.Scaled,
        Took = TimeSpan.FromSeconds(20),
        Parent = new JobEnd(Guid.Empty, "Succeeded", null),
        Children = [.. Enumerable.Range(1, 22).Select(page => Child(page))],
        LanePermits = new PermitUse(3, 0, 3, 0, TimeSpan.FromSeconds(16)),
        ProcessPermits = new PermitUse(3, 0, 3, 0, TimeSpan.Zero),
        Deliveries = new DeliveryUse(0, 22, new Dictionary<int, long> { [1] = 23 }),
        Left = new Dictionary<string, int> { ["p-ingestion_dlq"] = 0, ["p-matching"] = 1 },
        Memory = new MemoryUse(1, 1, 1, 1),
        Requests = new Dictionary<string, int>(),
        Messages = 60,
    };

    private static IReadOnlyList<Condition> Judge(ReplayRun run) => ReplayConditions.Judge(run, Map, []);

    private static ChildEnd Child(int page, string state = "Succeeded") => new(new JobEnd(Guid.Empty, state, null), "exported", null, new Pages(page, page), Fields);
}
