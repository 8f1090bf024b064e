using System.Security.Cryptography;

namespace Orchestrator.Persistence.Outbox;

/// <summary>
/// This process, as far as the outbox is concerned: a number of its own for each start. Its advisory lock is held as long as the process
/// lives, so the rows of a dead one can be told from the rows of a slow one.
/// </summary>
internal sealed class OutboxOwner
{
    public long Id { get; } = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
}
