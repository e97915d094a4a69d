using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Options;

namespace Throughline.Auth.SigningKeys;

/// <summary>Encrypts data protection's key ring, which lies in the database, with the master key, which does not.</summary>
internal sealed class MasterKeyXmlEncryptor(MasterKey master) : IXmlEncryptor
{
    public const string Purpose = "data protection";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(
        new XElement("encrypted", Convert.ToBase64String(master.Encrypt(System.Text.Encoding.UTF8.GetBytes(plaintextElement.ToString()), Purpose))),
        typeof(MasterKeyXmlDecryptor));
}

/// <summary>Made by data protection, which knows this type's name from the stored element.</summary>
internal sealed class MasterKeyXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) => XElement.Parse(System.Text.Encoding.UTF8.GetString(
        services.GetRequiredService<MasterKey>().Decrypt(Convert.FromBase64String(encryptedElement.Value), MasterKeyXmlEncryptor.Purpose)));
}

internal sealed class MasterKeyProtection(MasterKey master) : IConfigureOptions<KeyManagementOptions>
{
    public void Configure(KeyManagementOptions options) => options.XmlEncryptor = new MasterKeyXmlEncryptor(master);
}
