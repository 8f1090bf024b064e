using Npgsql;
using Orchestrator.Persistence.Breakers;
using Orchestrator.Service.Alerts;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Resilience;

/// <summary>Tells the breakers how runs ended, in the transactions that end them; what follows of a change comes after the commit.</summary>
internal sealed class Breakers(NpgsqlDataSource database, LanesOptions lanes, Holds holds, Alerts.Alerts alerts, WorkSignal signal, TimeProvider time, ILogger<Breakers> log)
{
    /// <summary>What a run's end says about the things it needs; null if nothing: it was stopped, lost or fenced.</summary>
    public static Observed? Observe(Ending ending, object decision) => (ending, decision) switch
    {
        (_, WorkCancelled) => null,
        (Ending.Finished { Outcome: JobOutcome.NotNow { IsAlone: true } or JobOutcome.Hold { IsAlone: true } }, _) => Observed.Served,
        (Ending.Finished { Outcome: JobOutcome.NotNow later }, _) => new Observed(later.Class, later.Reason, later.After),
        (Ending.Finished { Outcome: JobOutcome.Hold hold }, _) => new Observed(hold.Class, hold.Reason),
        (Ending.Finished or Ending.Threw, _) => Observed.Served,
        _ => null,
    };

    /// <summary>In the transaction that ends the run.</summary>
    /// <returns>The breakers that opened or closed.</returns>
    public async Task<IReadOnlyList<Breaker>> TellAsync(NpgsqlConnection connection, Lane lane, Guid job, Observed? observed, CancellationToken cancellation)
    {
        var options = lane.Options.Breaker;
        if (observed is null || !options.Enabled || (observed.Failure is null && !lane.Watched))
            return [];

        var changed = new List<Breaker>();
        foreach (var breaker in await BreakerLedger.LockAsync(connection, lane.Name, lane.Options.Credential, cancellation))
        {
            if (!BreakerDecision.Concerns(breaker.Scope, observed, lane.Options.Credential is not null))
                continue;
            var after = BreakerDecision.After(breaker, job, observed, options, time.GetUtcNow());
            if (after == breaker)
                continue;
            await BreakerLedger.WriteAsync(connection, after, cancellation);
            if (after.State != breaker.State)
                changed.Add(after);
        }

        return changed;
    }

    /// <summary>After the commit.</summary>
    public async Task AnnounceAsync(IReadOnlyList<Breaker> changed, CancellationToken cancellation)
    {
        foreach (var breaker in changed)
        {
            var concerned = LanesOf(breaker.Scope, breaker.Name);
            if (breaker.State == BreakerState.Closed)
            {
                log.Closed(breaker.Scope, breaker.Name);
                // What was held for the same reason may go on.
                await holds.ReleaseAsync(breaker.Scope == BreakerScope.Lane ? HoldReason.Environment : HoldReason.Account, concerned, cancellation);
                if (breaker.Scope == BreakerScope.Lane && concerned.All(lane => lanes[lane].Credential is null))
                    await holds.ReleaseAsync(HoldReason.Account, concerned, cancellation);
            }
            else
            {
                log.Opened(breaker.Scope, breaker.Name, breaker.Until!.Value, breaker.Reason);
                alerts.Raise(new Alert(AlertKind.BreakerOpened, $"{breaker.Scope} {breaker.Name}",
                    $"The breaker of {breaker.Scope.ToString().ToLowerInvariant()} {breaker.Name} is open until {breaker.Until:u}: {breaker.Reason}. One job tries then; POST /breakers/{breaker.Scope}/{breaker.Name}/close closes it by hand."));
            }

            foreach (var lane in concerned)
                signal.Submitted(lane);
        }
    }

    /// <summary>By hand.</summary>
    /// <returns>False if it was closed already.</returns>
    public async Task<bool> CloseAsync(BreakerScope scope, string name, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (!await BreakerLedger.CloseAsync(connection, scope, name, cancellation))
            return false;
        await AnnounceAsync([new Breaker(scope, name)], cancellation);
        return true;
    }

    private List<string> LanesOf(BreakerScope scope, string name) =>
        [.. lanes.Where(lane => scope == BreakerScope.Lane ? lane.Key == name : lane.Value.Credential == name).Select(lane => lane.Key)];
}
