//! Terms: the property and class URLs of Atomic Data that the house itself reads and writes.
//!
//! Everything else that is known of a property or class (its datatype, what it requires) stands in the vocabulary.

/// Where the terms below are at home.
macro_rules! terms {
    ($($(#[doc = $doc:literal])+ $name:ident = $path:literal;)*) => {
        $($(#[doc = $doc])+ pub const $name: &str = concat!("https://atomicdata.dev/", $path);)*
    };
}

terms! {
    /// Everybody, logged in or not.
    PUBLIC_AGENT = "agents/publicAgent";

    /// The classes of a resource.
    IS_A = "properties/isA";
    /// The resource above, from which rights are inherited.
    PARENT = "properties/parent";
    /// A title.
    NAME = "properties/name";
    /// A text; what a message says.
    DESCRIPTION = "properties/description";
    /// The short name of a property or class.
    SHORTNAME = "properties/shortname";
    /// Milliseconds since the epoch.
    CREATED_AT = "properties/createdAt";
    /// Who made it.
    CREATED_BY = "properties/createdBy";
    /// Who may read.
    READ = "properties/read";
    /// Who may write.
    WRITE = "properties/write";
    /// Who may create below.
    APPEND = "properties/append";
    /// The URL of the last commit.
    LAST_COMMIT = "properties/lastCommit";
    /// What stands below, computed.
    CHILDREN = "properties/children";
    /// What stands below, as its owner orders it.
    SUBRESOURCES = "properties/subresources";
    /// Not the whole resource: a client fetches it before use.
    INCOMPLETE = "properties/incomplete";

    /// The resource that a commit changes.
    SUBJECT = "properties/subject";
    /// The agent that signed a commit.
    SIGNER = "properties/signer";
    /// Base64 of an Ed25519 signature.
    SIGNATURE = "properties/signature";
    /// Property → new value.
    SET = "properties/set";
    /// Property → values to append.
    PUSH = "properties/push";
    /// Properties to delete.
    REMOVE = "properties/remove";
    /// Whether a commit deletes its resource.
    DESTROY = "properties/destroy";
    /// The last commit that the author had seen.
    PREVIOUS_COMMIT = "properties/previousCommit";

    /// Base64 of an agent's public key.
    PUBLIC_KEY = "properties/publicKey";
    /// The drives of an agent.
    DRIVES = "properties/drives";

    /// The datatype of a property.
    DATATYPE = "properties/datatype";
    /// The class of a property's values.
    CLASSTYPE = "properties/classtype";
    /// The only values that a property takes.
    ALLOWS_ONLY = "properties/allowsOnly";
    /// The properties that a class requires.
    REQUIRES = "properties/requires";
    /// The properties that a class recommends.
    RECOMMENDS = "properties/recommends";

    /// The messages of a chat room.
    MESSAGES = "properties/messages";
    /// Where the rest is.
    NEXT_PAGE = "properties/nextPage";
    /// The message that a message answers.
    REPLY_TO = "properties/replyTo";
    /// The files that come with a message.
    ATTACHMENTS = "properties/attachments";
    /// Where a redirect leads.
    DESTINATION = "properties/destination";

    /// What an invite is for.
    INVITE_TARGET = "properties/invite/target";
    /// Whether an invite gives the right to write.
    INVITE_WRITE = "properties/invite/write";
    /// How often an invite can still be used.
    INVITE_USAGES_LEFT = "properties/invite/usagesLeft";
    /// When an invite ends.
    INVITE_EXPIRES_AT = "properties/invite/expiresAt";
    /// Who used an invite.
    INVITE_USERS = "properties/invite/users";
    /// The agent of whoever accepted an invite.
    INVITE_REDIRECT_AGENT = "properties/invite/redirectAgent";

    /// What a collection's members have.
    COLLECTION_PROPERTY = "properties/collection/property";
    /// The value that they have of it.
    COLLECTION_VALUE = "properties/collection/value";
    /// By what they are sorted.
    COLLECTION_SORT_BY = "properties/collection/sortBy";
    /// Largest first?
    COLLECTION_SORT_DESC = "properties/collection/sortDesc";
    /// How many stand on a page.
    COLLECTION_PAGE_SIZE = "properties/collection/pageSize";
    /// Which page this is, from 0.
    COLLECTION_CURRENT_PAGE = "properties/collection/currentPage";
    /// How many pages there are.
    COLLECTION_TOTAL_PAGES = "properties/collection/totalPages";
    /// How many members there are on all pages.
    COLLECTION_TOTAL_MEMBERS = "properties/collection/totalMembers";
    /// The members on this page.
    COLLECTION_MEMBERS = "properties/collection/members";
    /// Members as whole objects?
    COLLECTION_INCLUDE_NESTED = "properties/collection/includeNested";
    /// The bundled vocabulary too?
    COLLECTION_INCLUDE_EXTERNAL = "properties/collection/includeExternal";

    /// Where a file's bytes are.
    DOWNLOAD_URL = "properties/downloadURL";
    /// A file's name.
    FILENAME = "properties/filename";
    /// A file's size in bytes.
    FILESIZE = "properties/filesize";
    /// A file's name within the house.
    INTERNAL_ID = "properties/internalId";
    /// A file's media type.
    MIMETYPE = "properties/mimetype";
    /// A digest of a file's bytes.
    CHECKSUM = "properties/checksum";
    /// Pixels across.
    IMAGE_WIDTH = "properties/imageWidth";
    /// Pixels down.
    IMAGE_HEIGHT = "properties/imageHeight";

    /// What a query of an endpoint takes.
    ENDPOINT_PARAMETERS = "properties/endpoint/parameters";
    /// What an endpoint found.
    ENDPOINT_RESULTS = "properties/endpoint/results";

    /// A signed change.
    COMMIT = "classes/Commit";
    /// A key pair with a name.
    AGENT = "classes/Agent";
    /// Where resources stand that have no other parent.
    DRIVE = "classes/Drive";
    /// Where messages stand.
    CHAT_ROOM = "classes/ChatRoom";
    /// What somebody said.
    MESSAGE = "classes/Message";
    /// A way to get rights.
    INVITE = "classes/Invite";
    /// Leads elsewhere.
    REDIRECT = "classes/Redirect";
    /// An uploaded file.
    FILE = "classes/File";
    /// The answer to a query.
    COLLECTION = "classes/Collection";
    /// Something that takes parameters.
    ENDPOINT = "classes/Endpoint";
    /// What went wrong.
    ERROR = "classes/Error";
    /// A property.
    PROPERTY = "classes/Property";
    /// A class.
    CLASS = "classes/Class";

    /// The resource that a chat's reactions stand under: reaction → count, as an object (ours).
    REACTIONS = "properties/reactions";
    /// Whether the house made and signed a commit in its signer's name (ours). Never taken from outside: else whoever hears such a commit, which
    /// tells what was done in another room's words, could have it done again.
    MADE_BY_HOUSE = "properties/madeByHouse";
}
