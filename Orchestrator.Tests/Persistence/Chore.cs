using MassTransit;

namespace Orchestrator.Tests.Persistence;

/// <summary>A small saga of the tests' own.</summary>
public sealed class Chore : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    public string State { get; set; } = "Initial";

    public long? RunId { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public int Attempts { get; set; }
}

public sealed record ChoreRequested(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed record ChoreClaimed(Guid CorrelationId, long RunId) : CorrelatedBy<Guid>;

public sealed record ChoreDropped(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed record ChoreFinished(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed record ChoreBroken(Guid CorrelationId) : CorrelatedBy<Guid>;

/// <summary>Correlated by a query: everything that runs.</summary>
public sealed record EverythingDropped(long FromRunId);

/// <summary>Changes nothing in any state.</summary>
public sealed record ChoreLookedAt(Guid CorrelationId) : CorrelatedBy<Guid>;

/// <summary>What a finished chore publishes.</summary>
public sealed record ChoreDone(Guid ChoreId) : IChoreNews;

/// <summary>What is known of a chore, of whatever kind the news is.</summary>
public interface IChoreNews
{
    /// <summary>Which chore.</summary>
    Guid ChoreId { get; }
}

public sealed class ChoreMachine : MassTransitStateMachine<Chore>
{
    public ChoreMachine()
    {
        InstanceState(chore => chore.State);
        Event(() => Requested, configure =>
        {
            configure.InsertOnInitial = true;
            configure.SetSagaFactory(context => new Chore { CorrelationId = context.Message.CorrelationId });
        });
        Event(() => AllDropped, configure => configure.CorrelateBy((chore, context) => chore.State == "Running" && chore.RunId >= context.Message.FromRunId));
        Event(() => Finished, configure => configure.OnMissingInstance(missing => missing.Discard()));
        Event(() => LookedAt, configure => configure.ReadOnly = true);

        WhenEnter(Queued, chore => chore.Then(context =>
        {
            context.Saga.RunId = null;
            context.Saga.StartedAt = null;
        }));
        Initially(When(Requested).TransitionTo(Queued));
        During(Queued,
            When(Claimed).Then(context =>
            {
                context.Saga.RunId = context.Message.RunId;
                context.Saga.StartedAt = DateTimeOffset.UnixEpoch;
                context.Saga.Attempts++;
            }).TransitionTo(Running),
            When(LookedAt).Then(context => context.Saga.Attempts = 99),
            When(Broken).Then(context => context.Saga.Attempts = 77).Publish(context => new ChoreDone(context.Saga.CorrelationId)).Then(_ => throw new InvalidDataException("broken on purpose")),
            Ignore(Requested));
        During(Running,
            When(Dropped).TransitionTo(Queued),
            When(AllDropped).TransitionTo(Queued),
            When(Finished).Publish(context => new ChoreDone(context.Saga.CorrelationId)).TransitionTo(Done),
            Ignore(Requested),
            Ignore(Claimed));
        During(Done, Ignore(Requested), Ignore(Claimed), Ignore(Finished));
    }

    public State Queued { get; private set; } = null!;

    public State Running { get; private set; } = null!;

    public State Done { get; private set; } = null!;

    public Event<ChoreRequested> Requested { get; private set; } = null!;

    public Event<ChoreClaimed> Claimed { get; private set; } = null!;

    public Event<ChoreDropped> Dropped { get; private set; } = null!;

    public Event<EverythingDropped> AllDropped { get; private set; } = null!;

    public Event<ChoreFinished> Finished { get; private set; } = null!;

    public Event<ChoreBroken> Broken { get; private set; } = null!;

    public Event<ChoreLookedAt> LookedAt { get; private set; } = null!;
}
