namespace Orchestrator.Service.Documents.Acquisition;

/// <summary>What acquisition takes for work, and how much of it.</summary>
public sealed class AcquisitionOptions
{
    /// <summary>Name of the queue that AWS writes to, after the bus's prefix.</summary>
    public string Queue { get; set; } = "acquisition";

    /// <summary>Messages that one process holds at once, protected while they wait for a permit; 1 to 100.</summary>
    public int Prefetch { get; set; } = 8;

    /// <summary>Visibility asked for in the receive call and renewed by the heartbeat; 2 s to 12 h.</summary>
    public TimeSpan Visibility { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Receives before SQS moves a message to the dead-letter queue; 3 to 1,000. A message whose object or database can't be reached comes
    /// again after 2, 4, 8 … seconds up to 15 minutes, so 20 receives last about three hours.
    /// </summary>
    public int MaxReceiveCount { get; set; } = 20;

    /// <summary>Keys that start so are files that we keep ourselves, named by the hash of their content, and are ignored.</summary>
    public string BlobPrefix { get; set; } = "blobs/";

    /// <summary>A file that the tenant sent before, byte for byte, is linked to the first and not worked on again.</summary>
    public bool SkipKnownContent { get; set; } = true;

    /// <summary>Keys that start so are our own output and are ignored; else each output would come back as input.</summary>
    public string OutputPrefix { get; set; } = "outputs/";

    /// <summary>Keys that start so hold raw mails, as the SES rule is set up to write them.</summary>
    public string MailPrefix { get; set; } = "ses/";

    /// <summary>Keys of the form `{prefix}{tenant}/...` belong to that tenant.</summary>
    public string TenantPrefix { get; set; } = "tenants/";

    /// <summary>Whose the objects are that no tenant's prefix claims; lower-case letters, digits and hyphens.</summary>
    public string DefaultTenant { get; set; } = "default";

    /// <summary>1 KiB to 1 MiB; a larger message is not read. SQS itself carries at most 1 MiB.</summary>
    public int MaxMessageBytes { get; set; } = 1024 * 1024;

    /// <summary>8 to 64; how deeply a message's JSON may nest. AWS needs 8.</summary>
    public int MaxMessageDepth { get; set; } = 32;

    /// <summary>1 to 100; records of one message beyond that are not read. S3 sends one.</summary>
    public int MaxRecords { get; set; } = 100;
}
