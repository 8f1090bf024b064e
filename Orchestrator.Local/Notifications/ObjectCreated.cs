using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Local;

/// <summary>What S3 tells a queue when an object was put: event version 2.1, fields in AWS's order, no white space.</summary>
internal sealed record ObjectCreated(string Bucket, string Key, long Size, string ETag, string? VersionId, string Sequencer, DateTimeOffset Time, string RequestId)
{
    // AWS writes "+" and other harmless characters as they are; the default encoder would escape them.
    private static readonly JsonSerializerOptions AsAwsWrites = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    public string ToJson() => JsonSerializer.Serialize(new
    {
        Records = new[]
        {
            new
            {
                eventVersion = "2.1",
                eventSource = "aws:s3",
                awsRegion = "us-east-1",
                eventTime = AsAwsTells(Time),
                eventName = "ObjectCreated:Put",
                userIdentity = new { principalId = "AWS:AIDALOCAL" },
                requestParameters = new { sourceIPAddress = "127.0.0.1" },
                responseElements = new Dictionary<string, string> { ["x-amz-request-id"] = RequestId, ["x-amz-id-2"] = "local" },
                s3 = new
                {
                    s3SchemaVersion = "1.0",
                    configurationId = "local",
                    bucket = new { name = Bucket, ownerIdentity = new { principalId = "LOCAL" }, arn = "arn:aws:s3:::" + Bucket },
                    @object = new { key = FormEncoded(Key), size = Size, eTag = ETag, versionId = VersionId, sequencer = Sequencer },
                },
            },
        },
    }, AsAwsWrites);

    /// <summary>What S3 sends once to a queue that is set as a bucket's target; it stands for no object.</summary>
    public static string TestEvent(string bucket, DateTimeOffset time, string requestId) => JsonSerializer.Serialize(
        new { Service = "Amazon S3", Event = "s3:TestEvent", Time = AsAwsTells(time), Bucket = bucket, RequestId = requestId, HostId = "local" },
        AsAwsWrites);

    /// <summary>Keys travel form-encoded: a space as "+", every other byte but letters, digits and ".-*_" in percent; slashes stay.</summary>
    public static string FormEncoded(string key)
    {
        var encoded = new StringBuilder(key.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(key))
        {
            var character = (char)octet;
            if (char.IsAsciiLetterOrDigit(character) || ".-*_/".Contains(character, StringComparison.Ordinal))
                encoded.Append(character);
            else if (character == ' ')
                encoded.Append('+');
            else
                encoded.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }
        return encoded.ToString();
    }

    private static string AsAwsTells(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
