namespace Orchestrator.Persistence.Sagas;

/// <summary>
/// Found as a payload of the consume context: whoever put it there calls SaveChanges once, at the end, so that the saga and the
/// outbox rows travel in one batch.
/// </summary>
internal interface IDeferredFlush;
