namespace Orchestrator.Service.Documents.Acquisition;

/// <summary>What acquisition takes for work, and how much of it.</summary>
public sealed class AcquisitionOptions
{
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
