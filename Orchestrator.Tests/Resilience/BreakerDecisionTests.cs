using Orchestrator.Persistence.Breakers;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Resilience;

namespace Orchestrator.Tests.Resilience;

[Trait("Requirement", "RES-4")]
public sealed class BreakerDecisionTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly BreakerOptions Options = new() { OpensAfter = 3, Pause = TimeSpan.FromMinutes(1), MaxPause = TimeSpan.FromMinutes(5) };
    private static readonly Guid Job = Guid.NewGuid();
    private static readonly Breaker Closed = new(BreakerScope.Lane, "agents");
    private static readonly Breaker Open = Closed with { State = BreakerState.Open, InARow = 3, Openings = 1, OpenedAt = Now.AddMinutes(-1), Until = Now, Reason = "busy" };
    private static readonly Breaker HalfOpen = Open with { State = BreakerState.HalfOpen, ProbeJob = Job };
    private static readonly Observed Transient = new(FailureClass.Transient, "busy");

    [Fact]
    public void Transient_failures_in_a_row_open_it_and_the_last_one_says_why()
    {
        var breaker = Closed;
        for (var i = 0; i < 2; i++)
            breaker = After(breaker, Transient);
        Assert.Equal(Closed with { InARow = 2 }, breaker);

        Assert.Equal(Closed with { State = BreakerState.Open, InARow = 3, Openings = 1, OpenedAt = Now, Until = Now.AddMinutes(1), Reason = "busy" }, After(breaker, Transient));
    }

    [Fact]
    public void A_run_that_was_served_ends_the_row() => Assert.Equal(Closed, After(Closed with { InARow = 2 }, Observed.Served));

    [Theory]
    [InlineData(nameof(FailureClass.RateLimited))]
    [InlineData(nameof(FailureClass.Account))]
    [InlineData(nameof(FailureClass.Environment))]
    public void What_the_other_side_states_opens_it_at_once(string failure) =>
        Assert.Equal(BreakerState.Open, After(Closed, new Observed(Enum.Parse<FailureClass>(failure), "no")).State);

    [Fact]
    public void A_stated_time_is_when_it_may_be_tried_again() =>
        Assert.Equal(Now.AddHours(3), After(Closed, new Observed(FailureClass.RateLimited, "no", TimeSpan.FromHours(3))).Until);

    [Fact]
    public void A_later_time_that_is_stated_while_it_is_open_counts_and_an_earlier_one_does_not()
    {
        var open = Open with { Until = Now.AddMinutes(10) };
        Assert.Equal(Now.AddHours(3), After(open, new Observed(FailureClass.RateLimited, "no", TimeSpan.FromHours(3))).Until);
        Assert.Equal(open, After(open, new Observed(FailureClass.RateLimited, "no", TimeSpan.FromMinutes(1))));
    }

    [Fact]
    public void Success_of_the_probe_closes_it() => Assert.Equal(Closed, After(HalfOpen, Observed.Served));

    [Fact]
    public void Success_of_another_run_that_began_before_does_not_close_it() =>
        Assert.Equal(HalfOpen, BreakerDecision.After(HalfOpen, Guid.NewGuid(), Observed.Served, Options, Now));

    [Fact]
    public void Failure_of_the_probe_opens_it_for_longer_up_to_the_longest()
    {
        Assert.Equal(Now.AddMinutes(2), After(HalfOpen, Transient).Until);
        Assert.Equal(Now.AddMinutes(5), After(HalfOpen with { Openings = 9 }, Transient).Until);
        Assert.Null(After(HalfOpen, Transient).ProbeJob);
    }

    [Fact]
    public void Failure_of_another_run_does_not_end_the_probe() =>
        Assert.Equal(HalfOpen, BreakerDecision.After(HalfOpen, Guid.NewGuid(), Transient, Options, Now));

    [Theory]
    [InlineData(nameof(FailureClass.RateLimited), true, "Credential")]
    [InlineData(nameof(FailureClass.Account), true, "Credential")]
    [InlineData(nameof(FailureClass.RateLimited), false, "Lane")]
    [InlineData(nameof(FailureClass.Transient), true, "Lane")]
    [InlineData(nameof(FailureClass.Environment), true, "Lane")]
    public void A_limit_belongs_to_the_account_and_a_fault_to_the_lane(string failure, bool hasCredential, string scope)
    {
        foreach (var asked in Enum.GetValues<BreakerScope>().Where(asked => hasCredential || asked == BreakerScope.Lane))
            Assert.Equal(asked.ToString() == scope, BreakerDecision.Concerns(asked, new Observed(Enum.Parse<FailureClass>(failure)), hasCredential));
    }

    private static Breaker After(Breaker breaker, Observed observed) => BreakerDecision.After(breaker, Job, observed, Options, Now);
}
