using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Orchestrator.Service.Remote;

namespace Orchestrator.Service.Delivery.Webhooks;

/// <summary>A body as it crossed the wire, read whole before anything is parsed, and never beyond its limits.</summary>
internal static class SignedBody
{
    private const string Form = "application/x-www-form-urlencoded";

    /// <summary>The bytes that were signed: the body, or in a form the JSON that its field <c>payload</c> holds. Null if the form has no such field.</summary>
    /// <exception cref="BadHttpRequestException">413: it is longer than that. 415: neither JSON nor a form.</exception>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellation)
    {
        var isForm = request.ContentType?.StartsWith(Form, StringComparison.OrdinalIgnoreCase) == true;
        if (!isForm && request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) != true)
            throw new BadHttpRequestException("A delivery must be application/json or a form.", StatusCodes.Status415UnsupportedMediaType);
        var bytes = await BytesAsync(request, maxBytes, cancellation);
        return isForm ? await PayloadAsync(bytes, maxBytes) : bytes;
    }

    private static async Task<byte[]> BytesAsync(HttpRequest request, int maxBytes, CancellationToken cancellation)
    {
        if (request.ContentLength > maxBytes)
            throw TooLarge(maxBytes);
        var content = new MemoryStream((int)Math.Min(request.ContentLength ?? 0, 64 * 1024));
        var buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            while (await request.Body.ReadAsync(buffer, cancellation) is > 0 and var read)
            {
                if (content.Length + read > maxBytes) // a body without a stated length
                    throw TooLarge(maxBytes);
                content.Write(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return content.ToArray();
    }

    private static async Task<ReadOnlyMemory<byte>?> PayloadAsync(byte[] form, int maxBytes)
    {
        try
        {
            using var reader = new FormReader(new MemoryStream(form)) { ValueCountLimit = 8, KeyLengthLimit = 64, ValueLengthLimit = maxBytes };
            var fields = await reader.ReadFormAsync(CancellationToken.None);
            return fields.TryGetValue("payload", out var payload) && payload is [{ } json] ? Encoding.UTF8.GetBytes(json) : null;
        }
        catch (InvalidDataException)
        {
            return null; // more fields or longer names than a delivery has
        }
    }

    private static BadHttpRequestException TooLarge(int maxBytes) => new($"A delivery must have at most {maxBytes} bytes.", StatusCodes.Status413PayloadTooLarge);
}
