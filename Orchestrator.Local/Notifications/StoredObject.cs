namespace Orchestrator.Local;

/// <summary>An object as S3 holds it, and the notification that was sent about it.</summary>
/// <param name="Key">As the uploader named it.</param>
/// <param name="Size">In bytes.</param>
/// <param name="ETag">Without quotes.</param>
/// <param name="VersionId">Null in a bucket without versions, which is every bucket of the emulator.</param>
/// <param name="Notification">The JSON that went to the queue.</param>
public sealed record StoredObject(string Key, long Size, string ETag, string? VersionId, string Notification);
