namespace Orchestrator.Service.Documents.Acquisition;

/// <summary>What to do about one record of a message from AWS. The message is settled when all of its decisions are carried out.</summary>
public abstract record AcquisitionDecision
{
    private AcquisitionDecision() { }

    /// <summary>Fetch the object and store it with its documents.</summary>
    public sealed record Pull(ObjectNotice Notice) : AcquisitionDecision;

    /// <summary>There is no work in it, and that is right: delete.</summary>
    public sealed record Ignore(string Reason) : AcquisitionDecision;

    /// <summary>Record the source as failed with this code and reason, and fetch nothing.</summary>
    public sealed record Refuse(ObjectNotice Notice, string Code, string Reason) : AcquisitionDecision;

    /// <summary>Nobody knows what it is; it may be work, so it goes to the error queue and is not deleted.</summary>
    public sealed record Unrecognised(string Reason) : AcquisitionDecision;
}

/// <summary>An object that a notification speaks of.</summary>
/// <param name="Bucket">The bucket's name.</param>
/// <param name="Key">The key as it is in the bucket, decoded.</param>
/// <param name="Identity">Null where the notification names neither version nor etag: ask the bucket.</param>
/// <param name="Kind">What is in it.</param>
public sealed record ObjectNotice(string Bucket, string Key, ObjectIdentity? Identity, ObjectKind Kind)
{
    public string? VersionId { get; init; }
    public string? ETag { get; init; }
    /// <summary>Bytes, as announced.</summary>
    public long? Size { get; init; }
    public string? Sequencer { get; init; }
    /// <summary>SES's own id of the mail.</summary>
    public string? SesMessageId { get; init; }
    /// <summary>What SES found out about the mail, by name ("spam", "spf"); empty for plain objects.</summary>
    public IReadOnlyDictionary<string, string> Verdicts { get; init; } = new Dictionary<string, string>();
}

public enum ObjectKind
{
    /// <summary>The object is the document.</summary>
    File,
    /// <summary>The object is a raw mail; its documents are attached.</summary>
    Mail,
}
